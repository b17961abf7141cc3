import CMPFR
import RoPE

/// The multiplier on cosine and sine, to a given number of bits.
struct ExactAttentionFactor {
  private let storage: BigFloats
  /// True if the value is exact and not an approximation.
  let isExact: Bool

  /// Evaluates the factor; its relative error is below `2^(6−precision)`.
  ///
  /// A logarithm, a quotient, a sum with 1 and a root each add one rounding, and a quotient of two sums adds twice as
  /// many; both sums have positive terms.
  init(_ factor: AttentionFactor, precision: Int) {
    storage = BigFloats(count: 3, precision: precision)
    let value = storage[0], other = storage[1]
    switch factor {
    case _ where factor.isOne:
      mpfr_set_d(value, 1, MPFR_RNDN)
      isExact = true
    case .value(let given):
      mpfr_set_d(value, given, MPFR_RNDN)
      isExact = true
    case .mscale(let mscale, let scale, let mscaleAllDim):
      Self.setScale(value, mscale, scale)
      if let mscaleAllDim {
        Self.setScale(other, mscaleAllDim, scale)
        mpfr_div(value, value, other, MPFR_RNDN)
      }
      isExact = false
    case .longrope(let scale, let original):
      mpfr_set_d(value, scale, MPFR_RNDN)
      mpfr_log(value, value, MPFR_RNDN)
      mpfr_set_si(other, original, MPFR_RNDN)
      mpfr_log(other, other, MPFR_RNDN)
      mpfr_div(value, value, other, MPFR_RNDN)
      mpfr_add_si(value, value, 1, MPFR_RNDN)
      mpfr_sqrt(value, value, MPFR_RNDN)
      isExact = false
    }
  }

  /// `mscale · ln(scale)/10 + 1`, for a scale above 1.
  private static func setScale(_ value: mpfr_ptr, _ mscale: Double, _ scale: Double) {
    mpfr_set_d(value, scale, MPFR_RNDN)
    mpfr_log(value, value, MPFR_RNDN)
    mpfr_mul_d(value, value, mscale, MPFR_RNDN)
    mpfr_div_si(value, value, 10, MPFR_RNDN)
    mpfr_add_si(value, value, 1, MPFR_RNDN)
  }

  /// The value; valid as long as this struct lives.
  var value: mpfr_ptr { storage[0] }

  /// The float64 nearest to the factor, or nil if these bits do not decide it.
  var rounded: Double? {
    if isExact { return mpfr_get_d(value, MPFR_RNDN) }
    return Rounding.float64(value, errorExponent: mpfr_get_exp(value) + 6 - storage.precision)
  }
}
