import CMPFR

/// The exact result of one pair, rounded to float64.
struct RotatedPair {
  let first: Double
  let second: Double
}

/// The rotation of a pair in double-double arithmetic, given only if its rounding to float64 is proven.
///
/// Ziv's strategy (1991, "Fast evaluation of elementary mathematical functions with correctly rounded last bit"): a
/// cheap evaluation with a bound on its error decides nearly every rounding, and MPFR decides the rest. Cosine and
/// sine come from MPFR here too.
struct QuickRotation {
  private let cosine: Double
  private let cosineRest: Double
  private let sine: Double
  private let sineRest: Double
  /// The largest absolute error of the given cosine and sine.
  private let inheritedError: Double

  /// A rotation by a cosine and a sine.
  ///
  /// Neither error exceeds `2^errorExponent`; ``Rounding/exact`` if there is none. `difference` is a variable of at
  /// least the precision of both, overwritten.
  init(cosine: mpfr_ptr, sine: mpfr_ptr, errorExponent: Int, difference: mpfr_ptr) {
    (self.cosine, cosineRest) = Self.split(cosine, difference)
    (self.sine, sineRest) = Self.split(sine, difference)
    inheritedError =
      errorExponent == Rounding.exact ? 0 : Double(sign: .plus, exponent: errorExponent, significand: 1)
  }

  /// A value as the sum of two float64, with a relative error below `2^-106`.
  private static func split(_ value: mpfr_ptr, _ difference: mpfr_ptr) -> (Double, Double) {
    let high = mpfr_get_d(value, MPFR_RNDN)
    mpfr_sub_d(difference, value, high, MPFR_RNDN)
    return (high, mpfr_get_d(difference, MPFR_RNDN))
  }

  /// The float64 nearest to `(x₀c − x₁s, x₁c + x₀s)`, or nil if either is not decided.
  func rotate(_ first: Double, _ second: Double) -> RotatedPair? {
    guard let rotatedFirst = difference(first, second),
      // x₁c + x₀s = x₁c − (−x₀)s.
      let rotatedSecond = difference(second, -first)
    else { return nil }
    return RotatedPair(first: rotatedFirst, second: rotatedSecond)
  }

  /// `ac − bs`, rounded to nearest, or nil if the rounding is not decided.
  ///
  /// Error bound, with `u = 2^-53` and `M = |ac| + |bs|`: the two products and the difference of their high parts are
  /// exact as pairs of float64 (Dekker's TwoProduct with a fused multiply-add, Knuth's TwoSum). In the low part, the
  /// products with the rests err by `u²M`, their difference by `u²M`, the difference of the products' errors by `u²M`,
  /// the sum of both by `2u²M` and the last sum by `3u²M`; the remainder of the splits adds `u²M`. Ziv's test itself
  /// rounds the low part by at most `3u²M` once more: `12u²M < 2^-102 M` in all, plus the inherited error.
  ///
  /// Underflow loses at most `2^-1074`, which does not count for `M` above `2^-800`.
  private func difference(_ a: Double, _ b: Double) -> Double? {
    let left = a * cosine, right = b * sine
    let magnitude = left.magnitude + right.magnitude
    guard magnitude > 0x1p-800, magnitude < 0x1p1000 else { return nil }
    let high = left - right
    let rightPart = left - high
    let lost = (left - (high + rightPart)) + (rightPart - right)
    let leftError = (-left).addingProduct(a, cosine), rightError = (-right).addingProduct(b, sine)
    let low = ((a * cosineRest - b * sineRest) + (leftError - rightError)) + lost
    let bound = 0x1p-102 * magnitude + (a.magnitude + b.magnitude) * inheritedError
    let rounded = high + (low - bound)
    return rounded == high + (low + bound) ? rounded : nil
  }
}
