import CMPFR
import RoPE

/// The exact answer: every expected value is the float64 nearest to the real result.
///
/// The rounding is proven. Cosine and sine are computed to ``precision`` bits with a bound on the error, and the
/// rotation in double-double arithmetic. If that does not decide the rounding, the rotation is computed to
/// ``precision`` bits; if the interval still does not round to one value, that pair is computed with twice the bits.
///
/// This ends unless the result is halfway between two floats. At an algebraic angle other than 0 it never is, because
/// cosine and sine are transcendental (Lindemann); at angle 0, products with 0 are exact. If `π` or a logarithm enters
/// a frequency (llama3, YaRN) or the attention factor, no theorem excludes a halfway case, but it needs a coincidence
/// of all bits.
///
/// A normalised coordinate makes an algebraic number of turns and has no attention factor. For a rational result,
/// `e^{iθ}` must solve a quadratic equation over the inputs. If the turns are irrational, `e^{iθ}` is transcendental
/// (Gelfond and Schneider) and solves none; if they are rational, it is a root of unity, and solves one only if its
/// order divides 8 or 12. Such a result is an input or half of one, which is not a halfway case, or 0. It is 0 only at
/// quarters of a turn, which are exact, and at odd eighths for inputs of one magnitude, which are recognised.
///
/// Two threads must not share an instance; each makes its own.
package final class ExactRotation {
  /// Bits of significand of the first attempt.
  package let precision: Int
  /// Pairs that needed more than ``precision`` bits so far.
  package private(set) var widenedPairs = 0

  private let plan: Plan
  private let angles: Angles
  private let channels: PairChannels
  private let dimension: Int
  private let source: CosSinSource
  private let values: BigFloats
  private let operands = BigFloats(count: 2, precision: 53)
  private let result: BigFloats
  /// Exact operands need no interval.
  ///
  /// The bits of a product of two float64 lie between `2^-2148` and `2^2048`, so a sum of two is exact here, and rounds
  /// only once, to float64.
  private let exactResult = BigFloats(count: 1, precision: 4_400)
  /// The token of `values` and `errorExponents`.
  private var currentToken: Int?
  private var errorExponents: [Int]
  /// The rotations of the latest tokens, kept because a call rotates the same tokens in several tensors, and a diagnosis
  /// follows its verdict.
  private var quickRotations: [Int: [QuickRotation]] = [:]
  /// The largest number of rotations kept: 10 MB.
  private static let quickRotationLimit = 1 << 18

  /// `precision` is that of the first attempt in bits; 128 decides all but about one pair in 2^60.
  package init(plan: Plan, angles: Angles, precision: Int = 128) {
    self.plan = plan
    self.angles = angles
    self.precision = precision
    channels = PairChannels(plan.pairs)
    dimension = plan.headDimension
    source = CosSinSource(plan: plan, angles: angles, precision: precision)
    values = BigFloats(count: 2 * plan.pairs.count, precision: precision)
    result = BigFloats(count: 1, precision: precision)
    errorExponents = Array(repeating: Rounding.exact, count: plan.pairs.count)
  }

  /// Rotates every head of one token.
  ///
  /// - Parameters:
  ///   - token: the token's index in the angles.
  ///   - input: `[heads, head dimension]`, exact values of the elements.
  ///   - output: the same shape; the float64 nearest to each exact result. Channels in no pair are copied.
  /// - Complexity: one cosine and sine per pair and token, then two products per pair and head.
  package func rotate(token: Int, input: UnsafeBufferPointer<Double>, output: UnsafeMutableBufferPointer<Double>) {
    precondition(
      input.count == output.count && input.count.isMultiple(of: plan.headDimension),
      "\(input.count) inputs and \(output.count) outputs are not heads of \(plan.headDimension)")
    let quickRotations = quickRotations(token: token)
    guard let source = input.baseAddress, let target = output.baseAddress else { return }
    target.update(from: source, count: input.count)
    // Tests run this loop without optimisation, so the values of a pair are fetched once for all heads.
    let pairCount = channels.count, dimension = dimension, count = input.count
    var pair = 0
    while pair < pairCount {
      let quick = quickRotations[pair]
      let firstInput = source + channels.firstInput(pair), secondInput = source + channels.secondInput(pair)
      let firstOutput = target + channels.firstOutput(pair), secondOutput = target + channels.secondOutput(pair)
      var head = 0
      while head < count {
        let first = firstInput[head], second = secondInput[head]
        let rotated = quick.rotate(first, second) ?? rotatedExactly(first, second, token: token, pair: pair)
        firstOutput[head] = rotated.first
        secondOutput[head] = rotated.second
        head &+= dimension
      }
      pair &+= 1
    }
  }

  /// Cosine and sine of each pair of one token, times the attention factor: the float64 nearest to each.
  package func turns(token: Int) -> [SIMD2<Double>] {
    var input = Array(repeating: 0.0, count: dimension), output = input
    // A pair at (1, 0) rotates to its cosine and sine.
    for pair in plan.pairs { input[pair.input.first] = 1 }
    input.withUnsafeBufferPointer { input in
      output.withUnsafeMutableBufferPointer { rotate(token: token, input: input, output: $0) }
    }
    return plan.pairs.map { SIMD2(output[$0.output.first], output[$0.output.second]) }
  }

  /// Rotates one pair with MPFR.
  private func rotatedExactly(_ first: Double, _ second: Double, token: Int, pair: Int) -> RotatedPair {
    evaluate(token)
    return rotated(first, second, values[2 * pair], values[2 * pair + 1], errorExponents[pair], in: result[0])
      ?? widened(first, second, token: token, pair: pair)
  }

  /// Computes the cosines and sines of a token.
  private func evaluate(_ token: Int) {
    guard currentToken != token else { return }
    source.evaluate(token: token, pairs: 0..<channels.count, into: values, errorExponents: &errorExponents)
    currentToken = token
  }

  /// The rotations of a token's pairs, which all its heads share.
  private func quickRotations(token: Int) -> [QuickRotation] {
    if let known = quickRotations[token] { return known }
    evaluate(token)
    var rotations: [QuickRotation] = []
    rotations.reserveCapacity(channels.count)
    for pair in 0..<channels.count {
      rotations.append(
        QuickRotation(
          cosine: values[2 * pair], sine: values[2 * pair + 1], errorExponent: errorExponents[pair],
          difference: result[0]))
    }
    if (quickRotations.count + 1) * channels.count > Self.quickRotationLimit { quickRotations.removeAll() }
    quickRotations[token] = rotations
    return rotations
  }

  /// Indicates whether the cosines and sines of a token are still kept.
  package func knows(token: Int) -> Bool { quickRotations[token] != nil }

  /// One rotated pair, or nil if the rounding of either value is not decided.
  ///
  /// If `canVanish`, products that are equal here are equal in truth.
  private func rotated(
    _ first: Double, _ second: Double, _ cosine: mpfr_ptr, _ sine: mpfr_ptr, _ errorExponent: Int, in result: mpfr_ptr,
    canVanish: Bool = false
  ) -> RotatedPair? {
    // An angle beyond float32, which the frequency contract can make, has no cosine.
    if mpfr_nan_p(cosine) != 0 { return RotatedPair(first: .nan, second: .nan) }
    guard first.isFinite, second.isFinite else {
      // Only classes and signs matter here, and both are certain for cosine and sine.
      let cosine = mpfr_get_d(cosine, MPFR_RNDN), sine = mpfr_get_d(sine, MPFR_RNDN)
      return RotatedPair(
        first: canonical(first * cosine - second * sine), second: canonical(second * cosine + first * sine))
    }
    if first == 0 && second == 0 { return RotatedPair(first: 0, second: 0) }
    mpfr_set_d(operands[0], first, MPFR_RNDN)
    mpfr_set_d(operands[1], second, MPFR_RNDN)
    if errorExponent == Rounding.exact {
      mpfr_fmms(exactResult[0], operands[0], cosine, operands[1], sine, MPFR_RNDN)
      let rotatedFirst = mpfr_get_d(exactResult[0], MPFR_RNDN)
      mpfr_fmma(exactResult[0], operands[1], cosine, operands[0], sine, MPFR_RNDN)
      return RotatedPair(first: rotatedFirst, second: mpfr_get_d(exactResult[0], MPFR_RNDN))
    }
    // At angle 0 with an irrational attention factor, a product with 0 is exact, and no interval would prove it.
    if mpfr_zero_p(sine) != 0, first == 0 || second == 0 {
      guard let product = rotatedAlone(first + second, cosine, errorExponent, in: result) else { return nil }
      return first == 0 ? RotatedPair(first: 0, second: product) : RotatedPair(first: product, second: 0)
    }
    // |x₀| + |x₁| < 2^(larger + 1), so the error of cosine and sine moves the result by less than this.
    let larger = Int(max(first.magnitude, second.magnitude).exponent) + 1
    let inherited = larger + 1 + errorExponent
    mpfr_fmms(result, operands[0], cosine, operands[1], sine, MPFR_RNDN)
    guard let rotatedFirst = round(result, inherited, canVanish: canVanish) else { return nil }
    mpfr_fmma(result, operands[1], cosine, operands[0], sine, MPFR_RNDN)
    guard let rotatedSecond = round(result, inherited, canVanish: canVanish) else { return nil }
    return RotatedPair(first: rotatedFirst, second: rotatedSecond)
  }

  /// A product with an approximate cosine, or nil if its rounding is not decided.
  private func rotatedAlone(_ value: Double, _ cosine: mpfr_ptr, _ errorExponent: Int, in result: mpfr_ptr) -> Double? {
    mpfr_mul_d(result, cosine, value, MPFR_RNDN)
    return round(result, Int(value.exponent) + 1 + errorExponent)
  }

  /// Replaces every NaN by one, because sign and payload depend on the processor.
  private func canonical(_ value: Double) -> Double { value.isNaN ? .nan : value }

  /// Rounds a result whose error is the inherited error plus that of its own rounding.
  private func round(_ result: mpfr_ptr, _ inherited: Int, canVanish: Bool = false) -> Double? {
    guard mpfr_zero_p(result) == 0 else { return canVanish ? 0 : nil }
    let own = mpfr_get_exp(result) - mpfr_get_prec(result)
    return Rounding.float64(result, errorExponent: max(inherited, own) + 1)
  }

  /// Rotates one pair with twice the bits each time, until both roundings are decided.
  private func widened(_ first: Double, _ second: Double, token: Int, pair: Int) -> RotatedPair {
    widenedPairs += 1
    let canVanish = first.magnitude == second.magnitude && source.isOddEighth(token: token, pair: pair)
    return Rounding.decided(from: 2 * precision) { bits in
      let source = CosSinSource(plan: plan, angles: angles, precision: bits)
      let values = BigFloats(count: 2 * plan.pairs.count, precision: bits)
      let result = BigFloats(count: 1, precision: bits)
      var errorExponents = errorExponents
      source.evaluate(token: token, pairs: pair..<pair + 1, into: values, errorExponents: &errorExponents)
      return rotated(
        first, second, values[2 * pair], values[2 * pair + 1], errorExponents[pair], in: result[0],
        canVanish: canVanish)
    }
  }
}
