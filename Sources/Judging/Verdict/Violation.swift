import RoPE

/// A violation of a requirement that must hold exactly, unlike accuracy.
package enum Violation: Sendable, Equatable {
  /// The backend threw.
  case backendFailed(message: String)
  /// The device's evidence contradicts the request.
  case evidence(message: String)
  /// Output elements that still hold the poison.
  case notWritten(tensor: TensorName, count: Int, first: ElementIndex)
  /// Channels in no pair whose bits differ from the input's.
  case notCopied(tensor: TensorName, count: Int, first: ElementIndex, expected: ElementBits, actual: ElementBits)
  /// Bytes outside of the outputs that changed.
  case writtenOutside(buffer: String, region: String, byte: Int, before: UInt8, after: UInt8)
  /// A later run on the same inputs gave other bits than the first.
  case notRepeatable(tensor: TensorName, RunDisagreement)
  /// NaN or infinity in a pair of finite inputs and exact results, in a call with other inputs that are not finite.
  case notConfined(tensor: TensorName, count: Int, first: ElementIndex, actual: ElementBits)
  /// A row of the batch got other bits than an earlier row with the same inputs and positions.
  case rowsDiffer(tensor: TensorName, count: Int, first: ElementIndex, equalRow: Int)
  /// An invalid call that was not refused.
  case notRefused(message: String)

  /// Indicates whether both report the same fault, so that one of them is enough.
  package func repeats(_ other: Violation) -> Bool {
    if case .writtenOutside(let buffer, let region, _, _, _) = self,
      case .writtenOutside(let otherBuffer, let otherRegion, _, _, _) = other
    {
      return buffer == otherBuffer && region == otherRegion
    }
    return self == other
  }
}

extension Array where Element == Violation {
  /// Adds the violations that are not there yet.
  package mutating func addNew(_ found: [Violation]) {
    for violation in found where !contains(where: violation.repeats) { append(violation) }
  }
}

extension Violation: CustomStringConvertible {
  package var description: String { lines.joined(separator: "; ") }

  /// The violation in lines; all but the first explain it.
  package var lines: [String] {
    switch self {
    case .backendFailed(let message):
      ["the backend failed: \(message)"]
    case .evidence(let message), .notRefused(let message):
      [message]
    case .notWritten(let tensor, let count, let first):
      ["\(count) elements were not written, first \(first.text(of: tensor))"]
    case .notCopied(let tensor, let count, let first, let expected, let actual):
      [
        "\(count) elements outside the rotation differ from the input, first \(first.text(of: tensor)): "
          + "expected \(expected), actual \(actual)"
      ]
    case .writtenOutside(let buffer, let region, let byte, let before, let after):
      [
        "buffer '\(buffer)' changed outside the outputs (\(region)), first at byte \(byte): "
          + "0x\(UInt32(before).hexadecimal(digits: 2)) became 0x\(UInt32(after).hexadecimal(digits: 2))"
      ]
    case .notRepeatable(let tensor, let disagreement):
      disagreement.lines(tensor)
    case .notConfined(let tensor, let count, let first, let actual):
      [
        "\(count) elements are not finite, although the inputs and the exact result of their pairs are finite, first "
          + "\(first.text(of: tensor)): \(actual); other inputs of the call are not finite"
      ]
    case .rowsDiffer(let tensor, let count, let first, let equalRow):
      [
        "\(count) elements differ from those of batch row \(equalRow), which has the same inputs and positions, first "
          + first.text(of: tensor)
      ]
    }
  }
}

extension Violation: Codable {
  /// The kind of a violation, which decides the values that accompany it.
  package enum Kind: String, Codable, Sendable, CaseIterable {
    case backendFailed = "backend failed"
    case evidence
    case notWritten = "not written"
    case notCopied = "not copied"
    case writtenOutside = "written outside"
    case notRepeatable = "not repeatable"
    case notConfined = "not confined"
    case rowsDiffer = "rows differ"
    case notRefused = "not refused"
  }

  package var kind: Kind {
    switch self {
    case .backendFailed: .backendFailed
    case .evidence: .evidence
    case .notWritten: .notWritten
    case .notCopied: .notCopied
    case .writtenOutside: .writtenOutside
    case .notRepeatable: .notRepeatable
    case .notConfined: .notConfined
    case .rowsDiffer: .rowsDiffer
    case .notRefused: .notRefused
    }
  }

  fileprivate enum CodingKeys: String, CodingKey {
    case kind, message, reason, tensor, count, first, elementType, expectedBits, actualBits, buffer, region, byte,
      before
    case after, runs, places, equalRow
  }

  /// Encodes the values side by side, and the whole in words under `message`.
  package func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(kind, forKey: .kind)
    try values.encode(description, forKey: .message)
    switch self {
    case .backendFailed(let message), .evidence(let message), .notRefused(let message):
      try values.encode(message, forKey: .reason)
    case .notWritten(let tensor, let count, let first):
      try values.encode(tensor, count, first)
    case .notCopied(let tensor, let count, let first, let expected, let actual):
      try values.encode(tensor, count, first)
      try values.encode(actual.type, forKey: .elementType)
      try values.encode(expected.bits, forKey: .expectedBits)
      try values.encode(actual.bits, forKey: .actualBits)
    case .writtenOutside(let buffer, let region, let byte, let before, let after):
      try values.encode(buffer, forKey: .buffer)
      try values.encode(region, forKey: .region)
      try values.encode(byte, forKey: .byte)
      try values.encode(before, forKey: .before)
      try values.encode(after, forKey: .after)
    case .notRepeatable(let tensor, let disagreement):
      try values.encode(tensor, forKey: .tensor)
      try values.encode(disagreement.count, forKey: .count)
      try values.encodeIfPresent(disagreement.places.first, forKey: .first)
      try values.encode(disagreement.places, forKey: .places)
      try values.encode(disagreement, forKey: .runs)
    case .notConfined(let tensor, let count, let first, let actual):
      try values.encode(tensor, count, first)
      try values.encode(actual.type, forKey: .elementType)
      try values.encode(actual.bits, forKey: .actualBits)
    case .rowsDiffer(let tensor, let count, let first, let equalRow):
      try values.encode(tensor, count, first)
      try values.encode(equalRow, forKey: .equalRow)
    }
  }

  package init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    func value<Value: Decodable>(_ key: CodingKeys) throws -> Value { try values.decode(Value.self, forKey: key) }
    func bits(_ key: CodingKeys) throws -> ElementBits {
      ElementBits(type: try value(.elementType), bits: try value(key))
    }
    switch try values.decode(Kind.self, forKey: .kind) {
    case .backendFailed: self = .backendFailed(message: try value(.reason))
    case .evidence: self = .evidence(message: try value(.reason))
    case .notRefused: self = .notRefused(message: try value(.reason))
    case .notWritten:
      self = .notWritten(tensor: try value(.tensor), count: try value(.count), first: try value(.first))
    case .notCopied:
      self = .notCopied(
        tensor: try value(.tensor), count: try value(.count), first: try value(.first),
        expected: try bits(.expectedBits), actual: try bits(.actualBits))
    case .writtenOutside:
      self = .writtenOutside(
        buffer: try value(.buffer), region: try value(.region), byte: try value(.byte), before: try value(.before),
        after: try value(.after))
    case .notRepeatable:
      self = .notRepeatable(
        tensor: try value(.tensor),
        try RunDisagreement(from: values.superDecoder(forKey: .runs), count: value(.count), places: value(.places)))
    case .notConfined:
      self = .notConfined(
        tensor: try value(.tensor), count: try value(.count), first: try value(.first), actual: try bits(.actualBits))
    case .rowsDiffer:
      self = .rowsDiffer(
        tensor: try value(.tensor), count: try value(.count), first: try value(.first), equalRow: try value(.equalRow))
    }
  }
}

extension KeyedEncodingContainer where Key == Violation.CodingKeys {
  fileprivate mutating func encode(_ tensor: TensorName, _ count: Int, _ first: ElementIndex) throws {
    try encode(tensor, forKey: .tensor)
    try encode(count, forKey: .count)
    try encode(first, forKey: .first)
  }
}
