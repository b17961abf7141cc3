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
