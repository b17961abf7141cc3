import RoPE

/// A fact about outputs that is no failure, but that a reader may want to know.
package struct Remark: Sendable, Equatable {
  /// The kind of fact.
  package enum Kind: String, Codable, Sendable, CaseIterable {
    /// NaN in copied channels that are NaN with other bits in the output.
    case payload = "NaN payload"
    /// Infinity or NaN where the exact result is finite, as the arithmetic of the budget gives it.
    case overflow
  }

  package let kind: Kind
  package let tensor: TensorName
  /// The number of elements.
  package let count: Int
  /// The first of them.
  package let first: ElementIndex
  /// The bits of the first element's input, or its exact result rounded once.
  package let expected: ElementBits
  /// The bits of the first element.
  package let actual: ElementBits

  package init(
    _ kind: Kind, tensor: TensorName, count: Int, first: ElementIndex, expected: ElementBits, actual: ElementBits
  ) {
    self.kind = kind
    self.tensor = tensor
    self.count = count
    self.first = first
    self.expected = expected
    self.actual = actual
  }
}

extension Remark.Kind {
  /// The fact of some elements in words; a verb for their number follows from it.
  package func words(count: Int) -> String {
    switch self {
    case .payload:
      count == 1
        ? "1 copied NaN has other bits than the input" : "\(count) copied NaNs have other bits than the input"
    case .overflow:
      "\(count) \(count == 1 ? "element is" : "elements are") not finite although the exact result is, because the "
        + "arithmetic of the budget overflows"
    }
  }
}

extension Remark: CustomStringConvertible {
  package var description: String {
    "\(kind.words(count: count)), first \(first.text(of: tensor)): expected \(expected), actual \(actual)"
  }
}

extension Remark: Codable {
  private enum CodingKeys: CodingKey {
    case kind, message, tensor, count, first, elementType, expectedBits, actualBits
  }

  /// Encodes the values, and the whole in words under `message`.
  package func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(kind, forKey: .kind)
    try values.encode(description, forKey: .message)
    try values.encode(tensor, forKey: .tensor)
    try values.encode(count, forKey: .count)
    try values.encode(first, forKey: .first)
    try values.encode(actual.type, forKey: .elementType)
    try values.encode(expected.bits, forKey: .expectedBits)
    try values.encode(actual.bits, forKey: .actualBits)
  }

  package init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    let type = try values.decode(ElementType.self, forKey: .elementType)
    self.init(
      try values.decode(Kind.self, forKey: .kind), tensor: try values.decode(TensorName.self, forKey: .tensor),
      count: try values.decode(Int.self, forKey: .count),
      first: try values.decode(ElementIndex.self, forKey: .first),
      expected: ElementBits(type: type, bits: try values.decode(UInt32.self, forKey: .expectedBits)),
      actual: ElementBits(type: type, bits: try values.decode(UInt32.self, forKey: .actualBits)))
  }
}
