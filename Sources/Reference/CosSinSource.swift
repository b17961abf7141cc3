import CMPFR
import RoPE

/// Cosine and sine of every pair of one token, times the attention factor, with a bound on their error.
///
/// Under the position contract, a cosine and sine come from one complex product, `e^{ipf} = e^{i·512a·f} · e^{ibf}`
/// with `p = 512a + b` and `0 ≤ b < 512`. Its factors are computed once each: a sequence of 131,072 tokens needs 768 of
/// them per pair. A position with a fraction has a cosine and sine of its own. Whole eighths of a turn, which only
/// normalised coordinates make, are set directly.
final class CosSinSource {
  let plan: Plan
  let precision: Int
  private let angles: Angles
  private let frequencies: Frequencies
  /// The position axis of each pair.
  private let axes: [Int]
  private let attentionFactor: ExactAttentionFactor
  private let angle: BigFloats
  private var factors: [Int64: BigFloats] = [:]

  /// `precision` is that of the cosines and sines, in bits.
  init(plan: Plan, angles: Angles, precision: Int) {
    self.plan = plan
    self.angles = angles
    self.precision = precision
    frequencies = Frequencies(plan, precision: precision)
    axes = plan.pairs.map(\.axis)
    // The frequency contract gives the factor too.
    var factor = plan.attentionFactor
    if case .frequencies(_, let given, _) = angles { factor = .value(given) }
    attentionFactor = ExactAttentionFactor(factor, precision: precision + 16)
    angle = BigFloats(count: 1, precision: frequencies.precision)
  }

  /// Sets `values[2i]` and `values[2i + 1]` to cosine and sine of pair `i` in `pairs`.
  ///
  /// `errorExponents` receives an exponent `e` for each of the pairs, such that neither error exceeds `2^e`, or
  /// ``Rounding/exact``.
  func evaluate(token: Int, pairs: Range<Int>, into values: BigFloats, errorExponents: inout [Int]) {
    switch angles {
    case .none:
      break
    case .table(let table, let rows):
      let first = Int(rows[token]) * table.pairCount
      for pair in pairs {
        mpfr_set_d(values[2 * pair], table.type.value(ofBits: table.cosines[first + pair]), MPFR_RNDN)
        mpfr_set_d(values[2 * pair + 1], table.type.value(ofBits: table.sines[first + pair]), MPFR_RNDN)
        errorExponents[pair] = Rounding.exact
      }
    case .frequencies(let inverseFrequencies, _, let positions):
      for pair in pairs {
        // Both roundings are part of the contract: fl32(fl32(position) · inv_freq).
        let position = Float(positions[axes[pair], token])
        mpfr_set_flt(angle[0], position * inverseFrequencies[pair], MPFR_RNDN)
        mpfr_sin_cos(values[2 * pair + 1], values[2 * pair], angle[0], MPFR_RNDN)
        errorExponents[pair] = scaled(values, pair: pair, isExact: mpfr_zero_p(angle[0]) != 0)
      }
    case .positions(let positions):
      let coordinates = (0..<plan.axisCount).map { positions[$0, token] }
      let factors = coordinates.map { position in
        Int64(exactly: position).map { (fine: factor($0 & 511), coarse: factor($0 & ~511)) }
      }
      for pair in pairs {
        let position = coordinates[axes[pair]]
        let cosine = 2 * pair, sine = 2 * pair + 1
        if let eighths = frequencies.eighthTurns(position: position, pair: pair) {
          Self.setTurned(values[cosine], eighths: eighths + 2)
          Self.setTurned(values[sine], eighths: eighths)
          errorExponents[pair] = scaled(values, pair: pair, isExact: eighths.isMultiple(of: 2))
          continue
        }
        if let (fine, coarse) = factors[axes[pair]] {
          mpfr_fmms(values[cosine], coarse[cosine], fine[cosine], coarse[sine], fine[sine], MPFR_RNDN)
          mpfr_fmma(values[sine], coarse[sine], fine[cosine], coarse[cosine], fine[sine], MPFR_RNDN)
        } else {
          setFactor(position: position, pair: pair, in: values)
        }
        errorExponents[pair] = scaled(
          values, pair: pair, isExact: position == 0 || frequencies.isZero(pair: pair))
      }
    }
  }

  /// Indicates whether the angle of a pair is an odd number of eighths of a turn, where cosine and sine are both `√½`
  /// except for their signs.
  func isOddEighth(token: Int, pair: Int) -> Bool {
    guard case .positions(let positions) = angles else { return false }
    let eighths = frequencies.eighthTurns(position: positions[axes[pair], token], pair: pair)
    return eighths.map { !$0.isMultiple(of: 2) } ?? false
  }

  /// Sets the sine of a number of eighths of a turn: 0, ±1, or `±√½`, where only the root rounds.
  private static func setTurned(_ value: mpfr_ptr, eighths: Int) {
    let place = ((eighths % 8) + 8) % 8
    switch place % 4 {
    case 0: mpfr_set_zero(value, 1)
    case 2: mpfr_set_si(value, 1, MPFR_RNDN)
    default: mpfr_set_si_2exp(value, 1, -1, MPFR_RNDN)
    }
    if place % 2 == 1 { mpfr_sqrt(value, value, MPFR_RNDN) }
    if place > 4 { mpfr_neg(value, value, MPFR_RNDN) }
  }

  /// Multiplies by the attention factor and bounds the error.
  ///
  /// The angle of a factor errs by at most `2^(−precision−1)` (see ``Frequencies``), and its rounding by as much. The
  /// product of two such factors errs by less than `5 · 2^−precision`. Multiplication by the attention factor `A`
  /// scales that error, rounds once more and adds the error of `A`, `2^(−10−precision) · A`: the sum is below
  /// `2^(3−precision) · A`.
  ///
  /// At angle 0 and whole quarters of a turn, cosine and sine are exact, and so is `A` if it is given as a number.
  private func scaled(_ values: BigFloats, pair: Int, isExact: Bool) -> Int {
    let factor = attentionFactor.value
    if mpfr_cmp_si_2exp(factor, 1, 0) != 0 {
      for index in [2 * pair, 2 * pair + 1] { mpfr_mul(values[index], values[index], factor, MPFR_RNDN) }
    }
    return isExact && attentionFactor.isExact ? Rounding.exact : mpfr_get_exp(factor) + 3 - precision
  }

  /// Cosine and sine of every pair at one position, kept for later tokens.
  private func factor(_ position: Int64) -> BigFloats {
    if let known = factors[position] { return known }
    let values = BigFloats(count: 2 * plan.pairs.count, precision: precision)
    for pair in 0..<plan.pairs.count { setFactor(position: Double(position), pair: pair, in: values) }
    factors[position] = values
    return values
  }

  /// Sets cosine and sine of one pair at a position.
  private func setFactor(position: Double, pair: Int, in values: BigFloats) {
    frequencies.setAngle(angle[0], position: position, pair: pair)
    mpfr_sin_cos(values[2 * pair + 1], values[2 * pair], angle[0], MPFR_RNDN)
  }
}
