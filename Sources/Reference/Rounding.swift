import CMPFR
import RoPE

/// Rounding of an approximation, given only if it is proven to be the rounding of the true value.
enum Rounding {
  /// Error bound of a value that is not an approximation.
  static let exact = Int.min

  /// The float64 nearest to every number within `2^errorExponent` of `value`, or nil if they differ.
  static func float64(_ value: mpfr_ptr, errorExponent: Int) -> Double? {
    guard mpfr_regular_p(value) != 0 else { return nil }
    let exponent = mpfr_get_exp(value)
    if exponent <= Double.leastNormalMagnitude.exponent {
      // A subnormal float64 has fewer than 53 bits, so the ends of the interval are rounded instead.
      let ends = interval(value, errorExponent)
      let lower = mpfr_get_d(ends[0], MPFR_RNDN)
      return lower == mpfr_get_d(ends[1], MPFR_RNDN) ? lower : nil
    }
    guard mpfr_can_round(value, exponent - errorExponent, MPFR_RNDN, MPFR_RNDN, 53) != 0 else { return nil }
    return mpfr_get_d(value, MPFR_RNDN)
  }

  /// The ends `value ± 2^errorExponent`, rounded outwards.
  private static func interval(_ value: mpfr_ptr, _ errorExponent: Int) -> BigFloats {
    let ends = BigFloats(count: 2, precision: mpfr_get_prec(value) + 64)
    mpfr_set_ui_2exp(ends[1], 1, errorExponent, MPFR_RNDN)
    mpfr_sub(ends[0], value, ends[1], MPFR_RNDD)
    mpfr_add(ends[1], value, ends[1], MPFR_RNDU)
    return ends
  }

  /// The bit pattern nearest to every number within `2^errorExponent` of `value`, or nil if they differ.
  ///
  /// The ends of the interval are rounded outwards to float64, so that no value is rounded to nearest twice.
  static func bits(_ value: mpfr_ptr, errorExponent: Int, type: ElementType) -> UInt32? {
    // An exact cosine or sine is a table's value, 0 or the attention factor, all of them float64. With an irrational
    // attention factor, a sine of 0 is exact although its cosine is not.
    if errorExponent == exact || mpfr_zero_p(value) != 0 { return type.bits(rounding: mpfr_get_d(value, MPFR_RNDN)) }
    let ends = interval(value, errorExponent)
    let lower = type.bits(rounding: mpfr_get_d(ends[0], MPFR_RNDD))
    let upper = type.bits(rounding: mpfr_get_d(ends[1], MPFR_RNDU))
    return lower == upper ? lower : nil
  }

  /// Tries with `precision` bits, then with twice as many each time, until there is an answer.
  ///
  /// This ends for every value that is not exactly halfway between two floats; see ``ExactRotation``.
  static func decided<Value>(from precision: Int, _ attempt: (_ precision: Int) -> Value?) -> Value {
    var bits = precision
    while true {
      if let value = attempt(bits) { return value }
      bits *= 2
    }
  }
}
