import Foundation

/// Reads a JSON document (RFC 8259), and reports where its syntax is wrong.
///
/// A key that an object has twice is an error too: a decoder would silently take one of the two.
struct JSONParser {
  private static let largestDepth = 128
  private let file: String
  private let bytes: [UInt8]
  private var index = 0
  /// The keys that lead to the value that is being read.
  private var path: [String] = []
  private var depth = 0

  /// Parses a document.
  ///
  /// `file` is the name of the file in errors.
  ///
  /// - Throws: ``ModelConfigError`` with line and column, or with the key if a value is at fault.
  static func parse(_ data: Data, file: String) throws(ModelConfigError) -> JSONValue {
    // A byte order mark is not part of the text.
    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    var parser = JSONParser(file: file, bytes: Array(data.starts(with: mark) ? data.dropFirst(mark.count) : data))
    guard String(validating: parser.bytes, as: UTF8.self) != nil else { throw parser.error("the text is not UTF-8") }
    let value = try parser.value()
    guard parser.next == nil else { throw parser.error("\(parser.found) follows the value") }
    return value
  }

  private init(file: String, bytes: [UInt8]) {
    self.file = file
    self.bytes = bytes
  }

  // MARK: - Values

  private mutating func value() throws(ModelConfigError) -> JSONValue {
    guard depth < Self.largestDepth else { throw error("more than \(Self.largestDepth) values are nested") }
    depth += 1
    defer { depth -= 1 }
    switch next {
    case UInt8(ascii: "{"): return .object(try object())
    case UInt8(ascii: "["): return .array(try array())
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "-"), .some(UInt8(ascii: "0")...UInt8(ascii: "9")): return .number(try number())
    default:
      for (word, value) in [("null", JSONValue.null), ("true", true), ("false", false)] where found == word {
        index += word.utf8.count
        return value
      }
      throw error("expected a value\(path.last.map { " for \($0)" } ?? ""), found \(found)")
    }
  }

  private mutating func object() throws(ModelConfigError) -> [String: JSONValue] {
    var members: [String: JSONValue] = [:]
    index += 1
    guard !take("}") else { return members }
    repeat {
      guard next == UInt8(ascii: "\"") else { throw error("expected a key, found \(found)") }
      let key = try string()
      path.append(key)
      guard members[key] == nil else { throw .repeated(file: file, key: place) }
      guard take(":") else { throw error("expected a colon after \(key), found \(found)") }
      members[key] = try value()
      path.removeLast()
    } while take(",")
    guard take("}") else { throw error("expected a comma or }, found \(found)") }
    return members
  }

  private mutating func array() throws(ModelConfigError) -> [JSONValue] {
    var elements: [JSONValue] = []
    index += 1
    guard !take("]") else { return elements }
    repeat { elements.append(try value()) } while take(",")
    guard take("]") else { throw error("expected a comma or ], found \(found)") }
    return elements
  }

  private mutating func number() throws(ModelConfigError) -> Double {
    let text = found
    guard Self.isNumber(text.utf8) else {
      throw error("\(path.last.map { "\($0) is \(text), which" } ?? text) is not a JSON number")
    }
    guard let number = Double(text), number.isFinite else {
      throw .invalid(file: file, key: place, value: text, mustBe: "a number that float64 can hold")
    }
    index += text.utf8.count
    return number
  }

  /// Indicates whether a text is `-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?`.
  private static func isNumber(_ text: String.UTF8View) -> Bool {
    var rest = text[...]
    func take(_ characters: ClosedRange<Unicode.Scalar>) -> Int {
      let digits = rest.prefix { (UInt8(ascii: characters.lowerBound)...UInt8(ascii: characters.upperBound)) ~= $0 }
      rest = rest.dropFirst(digits.count)
      return digits.count
    }
    func take(oneOf characters: [Unicode.Scalar]) -> Bool {
      guard let first = rest.first, characters.contains(where: { UInt8(ascii: $0) == first }) else { return false }
      rest = rest.dropFirst()
      return true
    }
    _ = take(oneOf: ["-"])
    if !take(oneOf: ["0"]), take("1"..."9") + take("0"..."9") == 0 { return false }
    if take(oneOf: ["."]), take("0"..."9") == 0 { return false }
    if take(oneOf: ["e", "E"]) {
      _ = take(oneOf: ["+", "-"])
      if take("0"..."9") == 0 { return false }
    }
    return rest.isEmpty
  }

  // MARK: - Strings

  private mutating func string() throws(ModelConfigError) -> String {
    index += 1
    var units: [UInt16] = [], run = index
    // The bytes are valid UTF-8, because the whole document is, and runs are cut only at ASCII characters.
    func text(_ end: Int) -> String.UTF16View { String(decoding: bytes[run..<end], as: UTF8.self).utf16 }
    while index < bytes.count {
      switch bytes[index] {
      case UInt8(ascii: "\""):
        units += text(index)
        index += 1
        guard let string = String(validating: units, as: UTF16.self) else {
          throw error("the string that ends here has half of a surrogate pair")
        }
        return string
      case UInt8(ascii: "\\"):
        units += text(index)
        units.append(try escape())
        run = index
      case ..<0x20: throw error("a string contains a control character")
      default: index += 1
      }
    }
    throw error("the text ends inside a string")
  }

  private mutating func escape() throws(ModelConfigError) -> UInt16 {
    let simple: [Character: UInt16] = [
      "\"": 0x22, "\\": 0x5C, "/": 0x2F, "b": 8, "f": 12, "n": 10, "r": 13, "t": 9,
    ]
    let letter = index + 1 < bytes.count ? Character(Unicode.Scalar(bytes[index + 1])) : " "
    if let unit = simple[letter] {
      index += 2
      return unit
    }
    let digits = String(decoding: bytes[min(index + 2, bytes.count)..<min(index + 6, bytes.count)], as: UTF8.self)
    guard letter == "u", digits.wholeMatch(of: /[0-9A-Fa-f]{4}/) != nil, let unit = UInt16(digits, radix: 16) else {
      throw error("a string contains an escape that JSON does not have")
    }
    index += 6
    return unit
  }

  // MARK: - Text

  /// The next byte that is not white space.
  ///
  /// Reading it skips the white space.
  private var next: UInt8? {
    mutating get {
      while index < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[index]) { index += 1 }
      return index < bytes.count ? bytes[index] : nil
    }
  }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard next == UInt8(ascii: character) else { return false }
    index += 1
    return true
  }

  /// The word, number or character at the current index.
  private var found: String {
    guard index < bytes.count else { return "the end of the text" }
    let word = bytes[index...].prefix { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."),
        UInt8(ascii: "_"):
        true
      default: false
      }
    }
    if !word.isEmpty { return String(decoding: word, as: UTF8.self) }
    return String(String(decoding: bytes[index...].prefix(32), as: UTF8.self).prefix(1))
  }

  private var place: String { path.isEmpty ? "(root)" : path.joined(separator: ".") }

  private func error(_ reason: String) -> ModelConfigError {
    let before = bytes[..<min(index, bytes.count)]
    let line = before.split(separator: 0x0A, omittingEmptySubsequences: false).last ?? []
    // Continuation bytes of UTF-8 do not count as columns.
    return .notJSON(
      file: file, line: before.count { $0 == 0x0A } + 1, column: line.count { $0 & 0xC0 != 0x80 } + 1, reason: reason)
  }
}
