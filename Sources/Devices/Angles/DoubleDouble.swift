import Foundation

/// The unevaluated sum of two float64 numbers with `|low| ≤ ½ulp(high)`: about 106 significant bits.
///
/// The algorithms and the relative error bounds, in `u = 2^-53`, are those of Joldes, Muller and Popescu, "Tight and
/// rigorous error bounds for basic building blocks of double-word arithmetic", ACM TOMS 44(2), 2017. They hold while
/// nothing overflows and no low part underflows.
struct DoubleDouble: Equatable {
  let high: Double
  let low: Double

  /// Makes a number from one float64, or from two that do not overlap.
  init(_ high: Double, _ low: Double = 0) {
    self.high = high
    self.low = low
  }

  /// `first + second`, exactly (Knuth's TwoSum).
  static func sum(_ first: Double, _ second: Double) -> DoubleDouble {
    let sum = first + second
    let secondPart = sum - first
    let firstPart = sum - secondPart
    return DoubleDouble(sum, (first - firstPart) + (second - secondPart))
  }

  /// `larger + smaller`, exactly, where `|larger| ≥ |smaller|` (Dekker's Fast2Sum).
  static func orderedSum(_ larger: Double, _ smaller: Double) -> DoubleDouble {
    let sum = larger + smaller
    return DoubleDouble(sum, smaller - (sum - larger))
  }

  /// `first · second`, exactly: the rounding error of a product is a float64, which a fused multiply-add gives.
  static func product(_ first: Double, _ second: Double) -> DoubleDouble {
    let product = first * second
    return DoubleDouble(product, (-product).addingProduct(first, second))
  }

  /// Relative error at most `3u² + 13u³` (algorithm 6), also where the operands nearly cancel.
  static func + (left: DoubleDouble, right: DoubleDouble) -> DoubleDouble {
    let high = sum(left.high, right.high)
    let low = sum(left.low, right.low)
    let middle = orderedSum(high.high, high.low + low.high)
    return orderedSum(middle.high, low.low + middle.low)
  }

  static prefix func - (value: DoubleDouble) -> DoubleDouble { DoubleDouble(-value.high, -value.low) }

  /// Relative error at most `6u²` (algorithm 11).
  static func * (left: DoubleDouble, right: DoubleDouble) -> DoubleDouble {
    let high = product(left.high, right.high)
    let cross = (left.high * right.low).addingProduct(left.low, right.high)
    return orderedSum(high.high, high.low + cross)
  }

  /// Relative error at most `2u²` (algorithm 9).
  static func * (left: DoubleDouble, right: Double) -> DoubleDouble {
    let high = product(left.high, right)
    return orderedSum(high.high, high.low.addingProduct(left.low, right))
  }

  /// Relative error at most `3u²` (algorithm 15).
  static func / (left: DoubleDouble, right: Double) -> DoubleDouble {
    let quotient = left.high / right
    let taken = product(quotient, right)
    let rest = (left.high - taken.high) - taken.low + left.low
    return orderedSum(quotient, rest / right)
  }

  /// Relative error at most `18u²` (algorithm 17, whose `15u²` grows with the error of the product in it).
  static func / (left: DoubleDouble, right: DoubleDouble) -> DoubleDouble {
    let quotient = left.high / right.high
    let taken = right * quotient
    let rest = (left.high - taken.high) + (left.low - taken.low)
    return orderedSum(quotient, rest / right.high)
  }

  static func < (left: DoubleDouble, right: DoubleDouble) -> Bool {
    (left.high, left.low) < (right.high, right.low)
  }

  /// The largest integer not above the number.
  ///
  /// If the high part is not an integer, its floor is the answer; otherwise the low part decides.
  var roundedDown: DoubleDouble {
    let whole = high.rounded(.down)
    return whole == high ? Self.orderedSum(whole, low.rounded(.down)) : DoubleDouble(whole)
  }

  /// `self · 2^exponent`, exactly unless it overflows or underflows.
  func scaled(byPowerOfTwo exponent: Int) -> DoubleDouble {
    DoubleDouble(
      Double(sign: .plus, exponent: exponent, significand: high),
      Double(sign: .plus, exponent: exponent, significand: low))
  }
}

extension DoubleDouble {
  /// ln 2; the two parts leave out less than 2^-110.
  static let logarithmOfTwo = DoubleDouble(0x1.62e42fefa39efp-1, 0x1.abc9e3b39803fp-56)

  /// 1/2π; the two parts leave out less than 2^-110.
  static let turnsPerRadian = DoubleDouble(0x1.45f306dc9c883p-3, -0x1.6b01ec5417056p-57)

  /// The power `e^x` for |x| ≤ 709.
  ///
  /// Below `x = -670` the low part underflows and the bound no longer holds.
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
  /// `x = m · 2^e` with `0.7 < m < 1.42`. A float64 logarithm `y` of m starts one Newton step on `e^y − m = 0`, which
  /// turns its error d into less than d².
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

  /// `ln x` if the high part has a logarithm.
  ///
  /// Error bound, absolute: less than `2^-100 + |ln x| · 2^-103`. `ln(high + low)` is `ln high + low/high` up to
  /// `(low/high)²/2`, below 2^-107; the quotient is at most 2^-53 and rounds by 2^-106.
  static func log(_ x: DoubleDouble) -> DoubleDouble { log(x.high) + DoubleDouble(x.low / x.high) }
}
