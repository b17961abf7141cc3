import CMPFR
import RoPE

/// Cosine and sine of every pair of one token, times the attention factor, with a bound on their error.
///
/// Under the position contract, angles come by one complex product,
/// `e^{ipf} = e^{i·512a·f} · e^{ibf}` with `p = 512a + b` and `0 ≤ b < 512`, from factors that are
/// computed once each: a sequence of 131,072 tokens needs 768 of them per pair.
final class CosSinSource {
  let plan: Plan
  let precision: Int
  private let angles: Angles
  private let frequencies: Frequencies
  private let angle: BigFloats
  private var factors: [Int64: BigFloats] = [:]

  /// - Parameter precision: bits of significand of the cosines and sines.
  init(plan: Plan, angles: Angles, precision: Int) {
    self.plan = plan
    self.angles = angles
    self.precision = precision
    frequencies = Frequencies(plan, precision: precision)
    angle = BigFloats(count: 1, precision: frequencies.precision)
  }

  /// Sets `values[2i]` and `values[2i + 1]` to cosine and sine of pair `i` in `pairs`.
  ///
  /// - Parameter errorExponents: receives for each of the pairs an exponent `e` such that neither error exceeds
  ///   `2^e`, or ``Rounding/exact``.
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
    case .frequencies(let inverseFrequencies, let positions):
      // Both roundings are part of the contract: fl32(fl32(position) · inv_freq).
      let position = Float(positions[token])
      for pair in pairs {
        mpfr_set_flt(angle[0], position * inverseFrequencies[pair], MPFR_RNDN)
        mpfr_sin_cos(values[2 * pair + 1], values[2 * pair], angle[0], MPFR_RNDN)
        errorExponents[pair] = scaled(values, pair: pair, isExact: mpfr_zero_p(angle[0]) != 0)
      }
    case .positions(let positions):
      let position = positions[token]
      let fine = factor(position & 511), coarse = factor(position & ~511)
      for pair in pairs {
        let cosine = 2 * pair, sine = 2 * pair + 1
        mpfr_fmms(values[cosine], coarse[cosine], fine[cosine], coarse[sine], fine[sine], MPFR_RNDN)
        mpfr_fmma(values[sine], coarse[sine], fine[cosine], coarse[cosine], fine[sine], MPFR_RNDN)
        errorExponents[pair] = scaled(values, pair: pair, isExact: position == 0)
      }
    }
  }

  /// Multiplies by the attention factor and bounds the error.
  ///
  /// A factor's angle errs by at most `2^(−precision−1)` (see ``Frequencies``) and its rounding by as much;
  /// the product of two such factors errs by less than `5 · 2^−precision`, and the multiplication by the
  /// attention factor `A` scales that and rounds once more: below `2^(3−precision) · A`.
  ///
  /// At angle 0, cosine 1 and sine 0 are exact, and so is `A` itself.
  private func scaled(_ values: BigFloats, pair: Int, isExact: Bool) -> Int {
    if plan.attentionFactor != 1 {
      for index in [2 * pair, 2 * pair + 1] {
        mpfr_mul_d(values[index], values[index], plan.attentionFactor, MPFR_RNDN)
      }
    }
    return isExact ? Rounding.exact : Int(plan.attentionFactor.exponent) + 4 - precision
  }

  /// Cosine and sine of every pair at one position, kept for the next token.
  private func factor(_ position: Int64) -> BigFloats {
    if let known = factors[position] { return known }
    let values = BigFloats(count: 2 * plan.pairs.count, precision: precision)
    for pair in 0..<plan.pairs.count {
      frequencies.setAngle(angle[0], position: position, pair: pair)
      mpfr_sin_cos(values[2 * pair + 1], values[2 * pair], angle[0], MPFR_RNDN)
    }
    factors[position] = values
    return values
  }
}
