public import RoPE

/// One output element beside what it should be.
public struct Finding: Sendable {
  /// Q or K.
  public let tensor: TensorName
  /// Where in the tensor the element is.
  public let place: ElementPlace
  /// The index of the pair that the element belongs to.
  public let pair: Int
  /// The token's position on the axis of the pair.
  public let position: Int64
  /// The type of the output.
  public let type: ElementType
  /// The float64 nearest to the exact result.
  public let expected: Double
  /// The output's bit pattern.
  public let actual: UInt32
  /// The largest error allowed, absolute.
  public let limit: Double
  /// Whether the error is allowed.
  public let conforms: Bool
  /// Whether no other value is nearer to the exact result. Where the float64 `expected` lies halfway between two values,
  /// the real result may lie on either side, and both count.
  let isCorrectlyRounded: Bool
  private let scale: ErrorScale?

  /// - Parameter scale: what the limit follows from; nil where the exact result is not finite.
  init(
    tensor: TensorName, place: ElementPlace, pair: Int, position: Int64, type: ElementType, expected: Double,
    actual: UInt32, scale: ErrorScale?, budget: Budget
  ) {
    self.tensor = tensor
    self.place = place
    self.pair = pair
    self.position = position
    self.type = type
    self.expected = expected
    self.actual = actual
    self.scale = scale
    isCorrectlyRounded = Self.isCorrectlyRounded(actual, expected, type)
    limit = scale.map(budget.limit) ?? 0
    conforms =
      isCorrectlyRounded || !budget.requiresCorrectRounding && Self.isWithin(limit, actual, expected, type)
  }

  /// Whether the error is allowed under another budget.
  func conforms(to budget: Budget) -> Bool {
    guard let scale else { return false }
    return isCorrectlyRounded
      || !budget.requiresCorrectRounding && Self.isWithin(budget.limit(scale), actual, expected, type)
  }

  private static func isCorrectlyRounded(_ actual: UInt32, _ exact: Double, _ type: ElementType) -> Bool {
    guard exact.isFinite else { return false }
    let nearest = type.bits(rounding: exact), value = type.value(ofBits: actual)
    guard actual != nearest else { return true }
    guard value.isFinite else { return false }
    // Infinity stands where the next value would be, so that the largest finite value is not nearer to everything.
    let rounded = type.value(ofBits: nearest)
    let end = Double(sign: exact.sign, exponent: type.maximumExponent + 1, significand: 1)
    return (value - exact).magnitude <= ((rounded.isInfinite ? end : rounded) - exact).magnitude
  }

  private static func isWithin(_ limit: Double, _ actual: UInt32, _ exact: Double, _ type: ElementType) -> Bool {
    let value = type.value(ofBits: actual)
    guard exact.isFinite, !value.isNaN else { return false }
    if value.isInfinite {
      // Right where a value within the limit rounds to infinity.
      let reached = exact + (value > 0 ? limit : -limit)
      return type.value(ofBits: type.bits(rounding: reached)) == value
    }
    return (value - exact).magnitude <= limit
  }

  /// The output's value.
  public var actualValue: Double { type.value(ofBits: actual) }
  /// The distance from the exact result in ULP of it; infinite where one of both is not finite.
  public var ulpError: Double {
    let error = (actualValue - expected).magnitude / type.ulp(of: expected)
    return error.isNaN ? .infinity : error
  }
  /// The error as a multiple of the limit; infinite where NaN or infinity is in the wrong place.
  public var severity: Double {
    let severity = (actualValue - expected).magnitude / limit
    return severity.isNaN ? .infinity : severity
  }

  func isWorse(than other: Finding) -> Bool {
    guard conforms == other.conforms else { return !conforms }
    return severity == other.severity ? isBefore(other) : severity > other.severity
  }

  /// Whether the element comes first in Q and then K, so that the worst does not depend on who finds it first.
  private func isBefore(_ other: Finding) -> Bool {
    func order(_ finding: Finding) -> [Int] {
      let place = finding.place
      return [finding.tensor == .query ? 0 : 1, place.batch, place.token, place.head, place.channel]
    }
    return order(self).lexicographicallyPrecedes(order(other))
  }
}
