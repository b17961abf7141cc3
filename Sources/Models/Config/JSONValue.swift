import Files
import Foundation

/// A value of a JSON document.
package enum JSONValue: Sendable, Equatable {
  case null
  case bool(Bool)
  case number(Double)
  case string(String)
  case array([JSONValue])
  case object([String: JSONValue])
}

extension JSONValue {
  /// Parses an object.
  ///
  /// `file` is the name of the file in errors.
  ///
  /// - Throws: ``ModelConfigError`` if the text is not JSON or not an object, or an object in it has a key twice.
  package static func object(of data: Data, file: String) throws(ModelConfigError) -> [String: JSONValue] {
    let value = try JSONParser.parse(data, file: file)
    guard case .object(let object) = value else {
      throw .invalid(file: file, key: "(root)", value: value.description, mustBe: "an object")
    }
    return object
  }
}

extension JSONValue: CustomStringConvertible {
  /// The characters of a string that are shown.
  private static let shownCount = 200

  /// The value as JSON on one line; arrays are shortened to their first 8 elements, and long strings.
  package var description: String {
    switch self {
    case .null: "null"
    case .bool(let value): "\(value)"
    case .number(let value): Int(exactly: value).map { "\($0)" } ?? "\(value)"
    case .string(let value):
      "\"" + value.prefix(Self.shownCount).visible + (value.count > Self.shownCount ? "…" : "") + "\""
    case .array(let values):
      "[" + values.prefix(8).map(\.description).joined(separator: ", ")
        + (values.count > 8 ? ", … \(values.count) values]" : "]")
    case .object(let values):
      "{" + values.sorted { $0.key < $1.key }.map { "\"\($0.key)\": \($0.value)" }.joined(separator: ", ") + "}"
    }
  }
}

extension JSONValue: ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral, ExpressibleByBooleanLiteral,
  ExpressibleByStringLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  package init(integerLiteral value: Int) { self = .number(Double(value)) }
  package init(floatLiteral value: Double) { self = .number(value) }
  package init(booleanLiteral value: Bool) { self = .bool(value) }
  package init(stringLiteral value: String) { self = .string(value) }
  package init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
  package init(dictionaryLiteral elements: (String, JSONValue)...) {
    self = .object(Dictionary(elements, uniquingKeysWith: { $1 }))
  }
}
