import RoPE

/// The frequencies and the attention factor of a plan, each value the nearest to the real one, with the rounding proven.
public struct ExactTables {
  private let plan: Plan
  private let precision: Int

  /// The tables of a plan.
  public init(_ plan: Plan) { self.init(plan, precision: 128) }

  /// The tables of a plan; `precision` is that of the first attempt in bits, as in ``ExactRotation``.
  package init(_ plan: Plan, precision: Int) {
    self.plan = plan
    self.precision = precision
  }

  /// The float64 nearest to each frequency, in radians per position, `[R/2]`.
  public func inverseFrequencies() -> [Double] {
    rounded { $0.rounded(pair: $1) }
  }

  /// The float32 nearest to each frequency, in radians per position, `[R/2]`.
  package func inverseFrequencies32() -> [Float] {
    rounded { $0.rounded(pair: $1, to: .float32) }.map(Float.init(bitPattern:))
  }

  /// Every frequency, rounded.
  ///
  /// Those that the first attempt does not decide are computed with more bits.
  private func rounded<Value>(_ round: (_ frequencies: Frequencies, _ pair: Int) -> Value?) -> [Value] {
    let frequencies = Frequencies(plan, precision: precision)
    return plan.pairs.indices.map { pair in
      round(frequencies, pair)
        ?? Rounding.decided(from: 2 * precision) { round(Frequencies(plan, precision: $0), pair) }
    }
  }

  /// The float64 nearest to the attention factor.
  public func attentionFactor() -> Double {
    Rounding.decided(from: precision) { ExactAttentionFactor(plan.attentionFactor, precision: $0).rounded }
  }

  /// Cosines and sines of the real angles `position · frequency`, times the attention factor, one row per position.
  ///
  /// Each row has one of the `positions`.
  package func cosSin(positions: Positions, type: ElementType) -> CosSinTable {
    let rowCount = positions.tokenCount
    let source = CosSinSource(plan: plan, angles: .positions(positions), precision: precision)
    let values = BigFloats(count: 2 * plan.pairs.count, precision: precision)
    var errorExponents = Array(repeating: Rounding.exact, count: plan.pairs.count)
    var cosines: [UInt32] = [], sines: [UInt32] = []
    for token in 0..<rowCount {
      source.evaluate(token: token, pairs: 0..<plan.pairs.count, into: values, errorExponents: &errorExponents)
      for pair in plan.pairs.indices {
        let (cosine, sine) =
          rounded(values, pair, errorExponents[pair], type)
          ?? widened(positions, token: token, pair: pair, type: type)
        cosines.append(cosine)
        sines.append(sine)
      }
    }
    return CosSinTable(type: type, pairCount: plan.pairs.count, cosines: cosines, sines: sines)
  }

  private func rounded(
    _ values: BigFloats, _ pair: Int, _ errorExponent: Int, _ type: ElementType
  ) -> (cosine: UInt32, sine: UInt32)? {
    guard let cosine = Rounding.bits(values[2 * pair], errorExponent: errorExponent, type: type),
      let sine = Rounding.bits(values[2 * pair + 1], errorExponent: errorExponent, type: type)
    else { return nil }
    return (cosine, sine)
  }

  private func widened(
    _ positions: Positions, token: Int, pair: Int, type: ElementType
  ) -> (cosine: UInt32, sine: UInt32) {
    Rounding.decided(from: 2 * precision) { bits in
      let source = CosSinSource(plan: plan, angles: .positions(positions), precision: bits)
      let values = BigFloats(count: 2 * plan.pairs.count, precision: bits)
      var errorExponents = Array(repeating: Rounding.exact, count: plan.pairs.count)
      source.evaluate(token: token, pairs: pair..<pair + 1, into: values, errorExponents: &errorExponents)
      return rounded(values, pair, errorExponents[pair], type)
    }
  }
}
