import CMPFR
import RoPE

/// The frequency of each pair of a plan, in radians per position, to more bits than any angle needs.
struct Frequencies {
  private let values: BigFloats

  /// Evaluates `base^(−2i/dimension) = exp(−(2i/dimension) · ln base)` for every pair.
  ///
  /// With `W` bits of work, `ln base`, the quotient and the product each err by one part in `2^W`;
  /// as `|ln base| < 710`, the exponent errs by less than `2^(12−W)`, and so does, relatively, the result.
  /// A position has at most 63 bits, so that `precision` bits behind the binary point of the angle
  /// need `W = precision + 63 + 12` and as many again as the frequency has before the point.
  init(_ plan: Plan, precision: Int) {
    let formula = plan.frequencies
    let integerBits = max(0, -Int(formula.base.exponent))
    let values = BigFloats(count: plan.pairs.count, precision: precision + 80 + integerBits)
    let work = BigFloats(count: 2, precision: values.precision)
    let (logarithm, exponent) = (work[0], work[1])
    mpfr_set_d(logarithm, formula.base, MPFR_RNDN)
    mpfr_log(logarithm, logarithm, MPFR_RNDN)
    for index in 0..<plan.pairs.count {
      mpfr_mul_si(exponent, logarithm, -2 * index, MPFR_RNDN)
      mpfr_div_si(exponent, exponent, formula.dimension, MPFR_RNDN)
      mpfr_exp(values[index], exponent, MPFR_RNDN)
    }
    self.values = values
  }

  /// Sets `angle` to `position · frequency[pair]` radians.
  func setAngle(_ angle: mpfr_ptr, position: Int64, pair: Int) {
    mpfr_mul_si(angle, values[pair], Int(position), MPFR_RNDN)
  }

  /// Bits of significand that an angle needs to keep what the frequency has.
  var precision: Int { values.precision }

  /// The float64 nearest to a frequency, or nil where these bits do not decide it.
  func rounded(pair: Int) -> Double? {
    Rounding.float64(values[pair], errorExponent: errorExponent(pair: pair))
  }

  /// The bit pattern nearest to a frequency in an element type, or nil where these bits do not decide it.
  func rounded(pair: Int, to type: ElementType) -> UInt32? {
    Rounding.bits(values[pair], errorExponent: errorExponent(pair: pair), type: type)
  }

  private func errorExponent(pair: Int) -> Int { mpfr_get_exp(values[pair]) + 13 - values.precision }
}
