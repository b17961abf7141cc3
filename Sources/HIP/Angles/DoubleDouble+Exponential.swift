import Foundation

extension DoubleDouble {
  /// ln 2; the two parts leave out less than 2^-110.
  static let logarithmOfTwo = DoubleDouble(0x1.62e42fefa39efp-1, 0x1.abc9e3b39803fp-56)

  /// 1/2π; the two parts leave out less than 2^-110.
  static let turnsPerRadian = DoubleDouble(0x1.45f306dc9c883p-3, -0x1.6b01ec5417056p-57)

  /// `e^x` for |x| ≤ 709. Below `x = -670` the low part underflows and the bound no longer holds.
  ///
  /// `x = k ln 2 + r` with `|r| ≤ 0.35`, then 24 terms of Taylor's series.
  ///
  /// Error bound, relative: less than `2^-102 + |x| · 2^-104`. Taking `k ln 2` away moves r by at most 2u² of
  /// `k ln 2` for the product, `|k| · 2^-110` for the constant and 3u² for the sum. A term of Horner's scheme adds at
  /// most 6u² + 3u² of its second summand and 3u² of the sum, and each carries on by |r|/n ≤ 0.35: together below
  /// 11u². The first omitted term is below 0.35^25/25! < 2^-121.
  static func exp(_ x: DoubleDouble) -> DoubleDouble {
    let k = (x.high / logarithmOfTwo.high).rounded()
    let r = x + -(logarithmOfTwo * k)
    var sum = DoubleDouble(1)
    for n in stride(from: 24.0, through: 1, by: -1) { sum = DoubleDouble(1) + r * sum / n }
    return sum.scaled(byPowerOfTwo: Int(k))
  }

  /// `ln x` for a normal float64 `x > 0`; not-a-number for any other.
  ///
  /// `x = m · 2^e` with `0.7 < m < 1.42`. A float64 logarithm `y` of m is the start of one Newton step on
  /// `e^y − m = 0`, which turns its error d into less than d².
  ///
  /// Error bound, absolute: less than `2^-101 + |ln x| · 2^-104`. |ln m| < 0.36, so a library within 2 ulp has
  /// |d| < 2^-53 and d² < 2^-106; `m · e^-y` is near 1 with the error of `exp`; `e ln 2` and the sum have the
  /// relative errors 2u² and 3u².
  static func log(_ x: Double) -> DoubleDouble {
    guard x.isNormal, x > 0 else { return DoubleDouble(.nan) }
    let isUpperHalf = x.significand > 2.squareRoot()
    let exponent = Int(x.exponent) + (isUpperHalf ? 1 : 0)
    let m = isUpperHalf ? x.significand / 2 : x.significand
    let y = DoubleDouble(Foundation.log(m))
    let logarithm = y + (exp(-y) * m + DoubleDouble(-1))
    return logarithmOfTwo * Double(exponent) + logarithm
  }

  /// `ln x` where that of the high part exists.
  ///
  /// Error bound, absolute: less than `2^-100 + |ln x| · 2^-103`. `ln(high + low)` is `ln high + low/high` up to
  /// `(low/high)²/2`, below 2^-107; the quotient is at most 2^-53 and rounds by 2^-106.
  static func log(_ x: DoubleDouble) -> DoubleDouble { log(x.high) + DoubleDouble(x.low / x.high) }
}
