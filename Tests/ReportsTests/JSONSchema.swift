import Foundation

/// The part of JSON Schema, 2020-12, that the schema of the reports uses.
///
/// An unknown keyword is an error, so that none is skipped.
struct JSONSchema {
  struct UnknownKeyword: Error { let keyword: String }

  private let root: [String: Any]

  init(contentsOf path: String) throws {
    let object = try JSONSerialization.jsonObject(with: Data(contentsOf: URL(fileURLWithPath: path)))
    root = object as? [String: Any] ?? [:]
  }

  /// The errors in the JSON of a line; empty if it is valid.
  func errors(in line: Data) throws -> [String] {
    try errors(try JSONSerialization.jsonObject(with: line), root, at: "")
  }

  private func errors(_ value: Any, _ schema: [String: Any], at path: String) throws -> [String] {
    var errors: [String] = []
    for (keyword, argument) in schema {
      switch (keyword, argument) {
      case ("$schema", _), ("$defs", _), ("title", _), ("description", _):
        break
      case ("$ref", let name as String):
        let definitions = root["$defs"] as? [String: [String: Any]]
        guard let target = definitions?[String(name.dropFirst("#/$defs/".count))] else {
          throw UnknownKeyword(keyword: name)
        }
        errors += try self.errors(value, target, at: path)
      case ("oneOf", let choices as [[String: Any]]):
        let found = try choices.map { try self.errors(value, $0, at: path) }
        // The alternative that comes nearest has the most useful errors.
        if found.filter(\.isEmpty).count != 1 { errors += found.min { $0.count < $1.count } ?? [] }
      case ("type", let type as String):
        if !Self.is(value, type) { errors.append("\(path): must be \(type)") }
      case ("const", let constant):
        if !Self.equal(value, constant) { errors.append("\(path): must be \(constant)") }
      case ("enum", let constants as [Any]):
        if !constants.contains(where: { Self.equal(value, $0) }) {
          errors.append("\(path): must be one of \(constants)")
        }
      case ("minimum", let minimum as NSNumber):
        if let number = value as? NSNumber, number.doubleValue < minimum.doubleValue {
          errors.append("\(path): must be at least \(minimum)")
        }
      case ("items", let items as [String: Any]):
        for (index, item) in (value as? [Any] ?? []).enumerated() {
          errors += try self.errors(item, items, at: "\(path)[\(index)]")
        }
      case ("required", let keys as [String]):
        for key in keys where (value as? [String: Any])?[key] == nil { errors.append("\(path).\(key): is missing") }
      case ("properties", let properties as [String: [String: Any]]):
        for (key, member) in value as? [String: Any] ?? [:] {
          if let property = properties[key] { errors += try self.errors(member, property, at: "\(path).\(key)") }
        }
      case ("additionalProperties", false as Bool):
        let known = schema["properties"] as? [String: Any] ?? [:]
        for key in (value as? [String: Any] ?? [:]).keys where known[key] == nil {
          errors.append("\(path).\(key): is not in the schema")
        }
      default:
        throw UnknownKeyword(keyword: keyword)
      }
    }
    return errors
  }

  private static func `is`(_ value: Any, _ type: String) -> Bool {
    switch type {
    case "object": value is [String: Any]
    case "array": value is [Any]
    case "string": value is String
    case "boolean": isBoolean(value)
    case "number": value is NSNumber && !isBoolean(value)
    case "integer":
      !isBoolean(value) && (value as? NSNumber).map { $0.doubleValue == $0.doubleValue.rounded() } ?? false
    default: false
    }
  }

  private static func isBoolean(_ value: Any) -> Bool {
    (value as? NSNumber).map { String(cString: $0.objCType) == "c" } ?? false
  }

  private static func equal(_ value: Any, _ constant: Any) -> Bool {
    (value as? NSObject)?.isEqual(constant as? NSObject) ?? false
  }
}
