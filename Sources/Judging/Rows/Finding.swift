import RoPE

/// One output element and its exact result.
package struct Finding: Sendable {
  /// The tensor of the element.
  package let tensor: TensorName
  /// The index of the element in its tensor.
  package let element: ElementIndex
  /// The index of the pair that the element belongs to.
  package let pair: Int
  /// The token's position on the axis of the pair.
  package let position: Double
  /// The float64 nearest to the exact result.
  package let expected: Double
  /// The output.
  package let actual: ElementBits
  /// The largest absolute error that is allowed.
  package let limit: Double
  /// True if the error is allowed.
  package let conforms: Bool
  /// True if no other value is nearer to the exact result.
  ///
  /// If the float64 `expected` is halfway between two values, the real result may lie on either side, and both count.
  let isCorrectlyRounded: Bool
  /// The sizes that the limit follows from; nil if an input is NaN, or if this was read from a report.
  private let scale: ErrorScale?

  /// `scale` is the sizes that the limit follows from; nil if an input is NaN.
  package init(
    tensor: TensorName, element: ElementIndex, pair: Int, position: Double, expected: Double, actual: ElementBits,
    scale: ErrorScale?, budget: Budget
  ) {
    self.tensor = tensor
    self.element = element
    self.pair = pair
    self.position = position
    self.expected = expected
    self.actual = actual
    self.scale = scale
    isCorrectlyRounded = Self.isCorrectlyRounded(actual, expected)
    limit = expected.isFinite ? scale.map { budget.limit($0, output: actual.unboundedValue) } ?? 0 : 0
    conforms = isCorrectlyRounded || Self.isAllowed(actual, expected, scale, limit, budget)
  }

  /// Indicates whether the element shows that the output keeps to another budget; see ``Budget/supportingLimit(_:)``.
  func supports(_ budget: Budget) -> Bool {
    guard let scale else { return false }
    let limit = budget.supportingLimit(scale, output: actual.unboundedValue)
    return isCorrectlyRounded || Self.isAllowed(actual, expected, scale, limit, budget)
  }

  /// Indicates whether arithmetic of a budget overflows to this infinity or NaN, although the exact result is finite.
  func isOverflow(of budget: Budget) -> Bool {
    guard let scale, expected.isFinite, !actual.value.isFinite else { return false }
    return budget.allowsNonFinite(scale, actual.value)
  }

  private static func isAllowed(
    _ actual: ElementBits, _ exact: Double, _ scale: ErrorScale?, _ limit: Double, _ budget: Budget
  ) -> Bool {
    guard !budget.requiresCorrectRounding, let scale else { return false }
    return isWithin(limit, actual, exact)
      || !actual.value.isFinite && budget.allowsNonFinite(scale, actual.value)
  }

  private static func isCorrectlyRounded(_ actual: ElementBits, _ exact: Double) -> Bool {
    guard exact.isFinite else { return false }
    let type = actual.type, nearest = type.bits(rounding: exact), value = actual.value
    guard actual.bits != nearest else { return true }
    guard value.isFinite else { return false }
    let rounded = type.value(ofBits: nearest)
    guard rounded.isInfinite else { return (value - exact).magnitude <= (rounded - exact).magnitude }
    // The largest finite value is as near as infinity only half an ulp above it. Far above, a difference in float64
    // would not tell finite values apart.
    let largest = type.greatestFiniteMagnitude
    return value == (exact < 0 ? -largest : largest) && exact.magnitude == largest + type.ulp(of: largest) / 2
  }

  private static func isWithin(_ limit: Double, _ actual: ElementBits, _ exact: Double) -> Bool {
    exact.isFinite && (actual.unboundedValue - exact).magnitude <= limit
  }

  /// The exact result, rounded once.
  package var expectedBits: ElementBits { ElementBits(type: actual.type, bits: actual.type.bits(rounding: expected)) }
  /// The distance from the exact result; 0 for NaN or infinity that is allowed, infinite for any other.
  package var error: Double {
    guard actual.value.isFinite, expected.isFinite else { return conforms ? 0 : .infinity }
    return (actual.value - expected).magnitude
  }
  /// The error in ULP of the exact result; infinite if NaN or infinity is in the wrong place.
  package var ulpError: Double {
    let error = error
    return error.isFinite ? error / actual.type.ulp(of: expected) : .infinity
  }
  /// The error as a multiple of the limit; infinite if NaN or infinity is in the wrong place.
  package var severity: Double {
    let error = error
    return error == 0 ? 0 : error.isFinite ? error / limit : .infinity
  }

  /// Indicates whether the element is farther from conforming than another of its tensor; the earlier one wins a tie.
  func isWorse(than other: Finding) -> Bool {
    guard conforms == other.conforms else { return !conforms }
    return severity == other.severity ? element.isBefore(other.element) : severity > other.severity
  }
}

extension ElementBits {
  /// The value, but for an infinity the number that would follow the largest finite one, were there no end to the
  /// exponents.
  ///
  /// A rounding gives infinity from the middle between the two on, so that half an ulp below that number counts as for
  /// any other output, and so does each ulp of a budget by hand.
  var unboundedValue: Double {
    guard value.isInfinite else { return value }
    let largest = type.greatestFiniteMagnitude
    return (largest + type.ulp(of: largest)) * (value < 0 ? -1 : 1)
  }
}

extension Finding: Equatable {
  /// Compares the values that a report keeps, not the sizes that the limit followed from.
  package static func == (first: Finding, second: Finding) -> Bool {
    first.tensor == second.tensor && first.element == second.element && first.pair == second.pair
      && first.position == second.position && first.expected.bitPattern == second.expected.bitPattern
      && first.actual == second.actual && first.limit == second.limit && first.conforms == second.conforms
  }
}

extension Finding: Codable {
  private enum CodingKeys: String, CodingKey {
    case tensor, pair, position, elementType, expected, expectedBits, actual, actualBits, ulpError, limit, severity
    case conforms
    case element = "place"
  }

  /// Encodes the element, and values that follow from it for readers that compute nothing.
  package func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(tensor, forKey: .tensor)
    try values.encode(element, forKey: .element)
    try values.encode(pair, forKey: .pair)
    try values.encode(position, forKey: .position)
    try values.encode(actual.type, forKey: .elementType)
    try values.encode(expected, forKey: .expected)
    try values.encode(expectedBits.bits, forKey: .expectedBits)
    try values.encode(actual.value, forKey: .actual)
    try values.encode(actual.bits, forKey: .actualBits)
    try values.encode(ulpError, forKey: .ulpError)
    try values.encode(limit, forKey: .limit)
    try values.encode(severity, forKey: .severity)
    try values.encode(conforms, forKey: .conforms)
  }

  package init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    tensor = try values.decode(TensorName.self, forKey: .tensor)
    element = try values.decode(ElementIndex.self, forKey: .element)
    pair = try values.decode(Int.self, forKey: .pair)
    position = try values.decode(Double.self, forKey: .position)
    expected = try values.decode(Double.self, forKey: .expected)
    actual = ElementBits(
      type: try values.decode(ElementType.self, forKey: .elementType),
      bits: try values.decode(UInt32.self, forKey: .actualBits))
    limit = try values.decode(Double.self, forKey: .limit)
    conforms = try values.decode(Bool.self, forKey: .conforms)
    isCorrectlyRounded = Self.isCorrectlyRounded(actual, expected)
    scale = nil
  }
}
