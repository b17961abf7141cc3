/// An object of a config.json.
///
/// A key gives the file's value, or else the class default, which is noted.
struct ConfigObject {
  let file: String
  /// The keys that lead here, each followed by a dot; empty at the root.
  let path: String
  let values: [String: JSONValue]
  let defaults: ClassDefaults
  let remarks: Remarks

  func with(defaults: ClassDefaults) -> ConfigObject {
    ConfigObject(file: file, path: path, values: values, defaults: defaults, remarks: remarks)
  }

  /// The value in the file itself; nil if it is missing or null.
  func given(_ key: String) -> JSONValue? {
    remarks.ask(key, of: path)
    return values[key] == .null ? nil : values[key]
  }

  /// The value in the file, or else the class default.
  func value(_ key: String) -> JSONValue? {
    if let value = given(key) { return value }
    guard let value = defaults.values[key] else { return nil }
    remarks.add(path + key, value, source: defaults.source)
    return value
  }

  // MARK: - Remarks

  /// Notes how a value of the file is treated, in words that can follow the value: `is ignored: …`.
  func note(_ key: String, _ remark: String) {
    remarks.add(ConfigNote(key: path + key, value: given(key)?.description ?? "null", remark: remark))
  }

  /// Notes a value that is fixed in modelling code, and that a different value in the file is ignored.
  func fixed(_ key: String, _ value: JSONValue, in code: String) {
    remarks.add(path + key, value, source: "\(code), in the code")
    if let given = given(key), given != value { note(key, "is ignored: \(code) always uses \(value)") }
  }

  // MARK: - Typed values

  func number(_ key: String) throws -> Double? {
    guard let value = value(key) else { return nil }
    guard case .number(let number) = value else { throw invalid(key, value, "a number") }
    return number
  }

  func int(_ key: String) throws -> Int? {
    guard let value = value(key) else { return nil }
    guard let number = value.int else { throw invalid(key, value, "an integer") }
    return number
  }

  func bool(_ key: String) throws -> Bool? {
    guard let value = value(key) else { return nil }
    guard case .bool(let flag) = value else { throw invalid(key, value, "true or false") }
    return flag
  }

  func string(_ key: String) throws -> String? {
    guard let value = value(key) else { return nil }
    guard case .string(let text) = value else { throw invalid(key, value, "a string") }
    return text
  }

  func numbers(_ key: String) throws -> [Double]? {
    guard let value = value(key) else { return nil }
    guard let numbers = value.list(\.number) else { throw invalid(key, value, "a list of numbers") }
    return numbers
  }

  func ints(_ key: String) throws -> [Int]? {
    guard let value = value(key) else { return nil }
    guard let numbers = value.list(\.int) else { throw invalid(key, value, "a list of integers") }
    return numbers
  }

  func strings(_ key: String) throws -> [String]? {
    guard let value = value(key) else { return nil }
    guard let strings = value.list(\.string) else { throw invalid(key, value, "a list of strings") }
    return strings
  }

  /// A nested object, whose keys have no class defaults unless given.
  func object(_ key: String, defaults: ClassDefaults = .none) throws -> ConfigObject? {
    guard let value = value(key) else { return nil }
    guard case .object(let values) = value else { throw invalid(key, value, "an object") }
    return ConfigObject(file: file, path: "\(path)\(key).", values: values, defaults: defaults, remarks: remarks)
  }

  // MARK: - Needed values

  /// A mandatory value.
  func needed<Value>(_ key: String, _ read: (String) throws -> Value?, for reason: String) throws -> Value {
    guard let value = try read(key) else { throw missing(key, reason) }
    return value
  }

  func positiveInt(_ key: String, for reason: String) throws -> Int {
    let value = try needed(key, int, for: reason)
    guard value >= 1 else { throw invalid(key, .number(Double(value)), "at least 1") }
    return value
  }

  /// A number of channels in a head.
  ///
  /// An absurdly large one is refused here, before it exhausts memory.
  func channels(_ key: String, for reason: String) throws -> Int {
    let value = try positiveInt(key, for: reason)
    guard value <= 65536 else { throw invalid(key, .number(Double(value)), "at most 65536") }
    return value
  }

  // MARK: - Errors

  func missing(_ key: String, _ reason: String) -> ModelConfigError {
    let hint = slip(of: key).map { "; did you mean `\(key)`? the file says `\($0)`" } ?? ""
    return .missing(file: file, key: path + key, reason: reason + hint)
  }

  func invalid(_ key: String, _ value: JSONValue, _ requirement: String) -> ModelConfigError {
    .invalid(file: file, key: path + key, value: value.description, mustBe: requirement)
  }

  func contradiction(_ key: String, _ other: ConfigObject, _ otherKey: String) -> ModelConfigError {
    .contradiction(
      file: file, key: path + key, value: given(key)?.description ?? "null", otherKey: other.path + otherKey,
      otherValue: other.given(otherKey)?.description ?? "null")
  }
}

extension JSONValue {
  fileprivate var number: Double? { if case .number(let value) = self { value } else { nil } }
  fileprivate var int: Int? { number.flatMap { Int(exactly: $0) } }
  fileprivate var string: String? { if case .string(let value) = self { value } else { nil } }

  fileprivate func list<Element>(_ element: (JSONValue) -> Element?) -> [Element]? {
    guard case .array(let values) = self else { return nil }
    let elements = values.compactMap(element)
    return elements.count == values.count ? elements : nil
  }
}
