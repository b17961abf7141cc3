import CMPFR
import RoPE

extension Frequency {
  /// The number of eighths of a turn in an angle, or nil if that is not a whole number.
  ///
  /// Only normalised coordinates are measured in turns. Their angle is `8 · position/(extent · base^(2i/dimension))`
  /// eighths. This is the whole number `k` exactly if `base^a · (k · extent)^b = (8 · position)^b`, with all values
  /// positive and `a/b = 2i/dimension` in lowest terms.
  ///
  /// `value` is the frequency in radians per position, with a relative error within `2^-128`.
  func eighthTurns(position: Double, value: mpfr_ptr) -> Int? {
    guard case .normalized(let extent) = table.adjustment else { return nil }
    guard position != 0 else { return 0 }
    let numbers = BigFloats(count: 2, precision: mpfr_get_prec(value))
    let count = numbers[0], nearest = numbers[1]
    mpfr_const_pi(nearest, MPFR_RNDN)
    mpfr_div(count, value, nearest, MPFR_RNDN)
    mpfr_mul_d(count, count, 4 * position.magnitude, MPFR_RNDN)
    mpfr_rint(nearest, count, MPFR_RNDN)
    mpfr_sub(count, count, nearest, MPFR_RNDN)
    // This excludes nearly every angle without powers of many thousand bits.
    guard mpfr_get_d(count, MPFR_RNDN).magnitude < 0x1p-64, mpfr_fits_slong_p(nearest, MPFR_RNDN) != 0 else {
      return nil
    }
    let whole = mpfr_get_si(nearest, MPFR_RNDN)
    guard isExactly(whole, extent: extent, position: position.magnitude) else { return nil }
    return position < 0 ? -whole : whole
  }

  private func isExactly(_ eighths: Int, extent: Int, position: Double) -> Bool {
    let shared = Self.greatestCommonDivisor(2 * index, table.dimension)
    let (a, b) = (2 * index / shared, table.dimension / shared)
    // 53 bits of the base and of the position, 63 of the eighths and 31 of the extent, and room for the last product.
    let powers = BigFloats(count: 3, precision: 53 * a + 94 * b + 64)
    let (left, right, factor) = (powers[0], powers[1], powers[2])
    mpfr_set_d(factor, table.base, MPFR_RNDN)
    mpfr_pow_ui(left, factor, UInt(a), MPFR_RNDN)
    mpfr_set_si(factor, eighths, MPFR_RNDN)
    mpfr_mul_si(factor, factor, extent, MPFR_RNDN)
    mpfr_pow_ui(factor, factor, UInt(b), MPFR_RNDN)
    mpfr_mul(left, left, factor, MPFR_RNDN)
    mpfr_set_d(factor, 8 * position, MPFR_RNDN)
    mpfr_pow_ui(right, factor, UInt(b), MPFR_RNDN)
    return mpfr_equal_p(left, right) != 0
  }

  private static func greatestCommonDivisor(_ first: Int, _ second: Int) -> Int {
    var (large, small) = (first, second)
    while small != 0 { (large, small) = (small, large % small) }
    return large
  }
}
