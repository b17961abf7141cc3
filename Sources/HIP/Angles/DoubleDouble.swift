/// The unevaluated sum of two float64 numbers with `|low| ≤ ½ulp(high)`: about 106 significant bits.
///
/// The algorithms and the relative error bounds, in `u = 2^-53`, are those of Joldes, Muller and Popescu, "Tight and
/// rigorous error bounds for basic building blocks of double-word arithmetic", ACM TOMS 44(2), 2017. They hold while
/// nothing overflows and no low part underflows.
struct DoubleDouble: Equatable {
  let high: Double
  let low: Double

  /// A number that is one float64 or is given as two that do not overlap.
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

  /// Relative error at most `18u²` (algorithm 17, whose `15u²` grow with the error of the product in it).
  static func / (left: DoubleDouble, right: DoubleDouble) -> DoubleDouble {
    let quotient = left.high / right.high
    let taken = right * quotient
    let rest = (left.high - taken.high) + (left.low - taken.low)
    return orderedSum(quotient, rest / right.high)
  }

  static func < (left: DoubleDouble, right: DoubleDouble) -> Bool {
    (left.high, left.low) < (right.high, right.low)
  }

  /// The largest integer that is not larger. The high part of a number that is no integer is none either, or it is one
  /// and the low part decides.
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
