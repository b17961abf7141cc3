/// A value that a config.json leaves to its model's class.
public struct DefaultValue: Sendable, Equatable {
  /// The key, with the objects that it is nested in: `text_config.rope_theta`.
  public let key: String
  /// The value taken, as JSON.
  public let value: String
  /// Where it comes from.
  public let source: String
}

/// The defaults taken while a file was read, in order, each once.
final class DefaultsTaken {
  private(set) var list: [DefaultValue] = []

  func add(_ key: String, _ value: JSONValue, source: String) {
    let taken = DefaultValue(key: key, value: value.description, source: source)
    if !list.contains(taken) { list.append(taken) }
  }
}

/// The values that a configuration class gives to keys that a file leaves out.
struct ClassDefaults: Sendable {
  /// The class, and the library it is read from.
  let source: String
  let values: [String: JSONValue]

  /// The defaults of a class of transformers 5.23.0.
  static func transformers(_ name: String, _ values: [String: JSONValue]) -> ClassDefaults {
    ClassDefaults(source: "transformers 5.23.0, \(name)", values: values)
  }

  static let none = ClassDefaults(source: "", values: [:])

  /// The same class with other values for some keys.
  func with(_ changed: [String: JSONValue]) -> ClassDefaults {
    ClassDefaults(source: source, values: values.merging(changed) { $1 })
  }
}
