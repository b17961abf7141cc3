import Foundation
import Testing

@testable import Models

@Suite struct JSONParserTests {
  private func parse(_ text: String) throws -> JSONValue { try JSONParser.parse(Data(text.utf8), file: "c.json") }

  @Test("Every kind of value, with white space between")
  func values() throws {
    #expect(
      try parse(
        " {\"a\": [1, -2.5e+1 , 0.5E-1,0],\r\n\t\"b\":{},\"c\" :[ ],\"d\":null,\"e\":true,\"f\":false, \"\":\"\"} ")
        == .object([
          "a": [1, -25.0, 0.05, 0], "b": [:], "c": [], "d": .null, "e": true, "f": false, "": "",
        ]))
    #expect(try parse("-0") == .number(0) && parse("9007199254740993") == .number(9_007_199_254_740_992))
  }

  @Test("A byte order mark is no part of the text")
  func byteOrderMark() throws {
    #expect(try parse("\u{FEFF}{}") == .object([:]))
    #expect(throws: ModelConfigError.self) { try parse("{}\u{FEFF}") }
  }

  @Test("Strings with escapes, of any plane")
  func strings() throws {
    #expect(try parse(#""\"\\\/\b\f\n\r\t\u03c0\ud83D\uDE00π😀""#) == .string("\"\\/\u{8}\u{C}\n\r\tπ😀π😀"))
  }

  static let mistakes: [(text: String, line: Int, column: Int, reason: String)] = [
    ("", 1, 1, "expected a value, found the end of the text"),
    ("{\n  \"a\": NaN\n}", 2, 8, "expected a value for a, found NaN"),
    ("{\"a\": Infinity}", 1, 7, "expected a value for a, found Infinity"),
    ("{\"a\": -Infinity}", 1, 7, "a is -Infinity, which is not a JSON number"),
    ("{\"a\": 01}", 1, 7, "a is 01, which is not a JSON number"),
    ("[1.]", 1, 2, "1. is not a JSON number"),
    ("{\"π\": nul}", 1, 7, "expected a value for π, found nul"),
    ("{\"a\": 1,}", 1, 9, "expected a key, found }"),
    ("{\"a\": 1 \"b\": 2}", 1, 9, "expected a comma or }, found \""),
    ("{\"a\" 1}", 1, 6, "expected a colon after a, found 1"),
    ("[1 2]", 1, 4, "expected a comma or ], found 2"),
    ("[1", 1, 3, "expected a comma or ], found the end of the text"),
    ("{'a': 1}", 1, 2, "expected a key, found '"),
    ("{}\n\n  x", 3, 3, "x follows the value"),
    ("\"a", 1, 3, "the text ends inside a string"),
    ("\"a\nb\"", 1, 3, "a string contains a control character"),
    ("\"\\x\"", 1, 2, "a string contains an escape that JSON does not have"),
    ("\"\\u12", 1, 2, "a string contains an escape that JSON does not have"),
    ("\"\\", 1, 2, "a string contains an escape that JSON does not have"),
    ("\"\\ud800\"", 1, 9, "the string that ends here has half of a surrogate pair"),
    ("// remark", 1, 1, "expected a value, found /"),
  ]

  @Test("What is not JSON is told with its line and column", arguments: mistakes.indices)
  func mistake(_ index: Int) {
    let (text, line, column, reason) = Self.mistakes[index]
    #expect(throws: ModelConfigError.notJSON(file: "c.json", line: line, column: column, reason: reason)) {
      try parse(text)
    }
  }

  @Test("Neither bytes that are no text nor depth crash it")
  func hostile() {
    #expect(throws: ModelConfigError.notJSON(file: "c", line: 1, column: 1, reason: "the text is not UTF-8")) {
      try JSONParser.parse(Data([0x22, 0xFF, 0x22]), file: "c")
    }
    let reason = "more than 128 values are nested"
    #expect(throws: ModelConfigError.notJSON(file: "c", line: 1, column: 129, reason: reason)) {
      try JSONParser.parse(Data(repeating: UInt8(ascii: "["), count: 1 << 20), file: "c")
    }
  }

  @Test("A number beyond float64 is told by its key")
  func numbers() {
    #expect(
      throws: ModelConfigError.invalid(
        file: "c.json", key: "a.b", value: "1e999", mustBe: "a number that float64 can hold")
    ) { try parse(#"{"a":{"b":[1e999]}}"#) }
  }

  @Test(
    "A repeated key is told with the objects around it",
    arguments: [
      (#"{"a":1,"a":2}"#, "a"),
      (#"{"a":{"b":[{"c":1},{"c":2,"d":3,"c":4}]}}"#, "a.b.c"),
      (#"{"a":"{","b":{"x":1},"b":0}"#, "b"),
      (#"{"quoted\"":1,"quoted\"":2}"#, "quoted\""),
      (#"{"π":1,"\u03c0":2}"#, "π"),
      (#"{"a":{},"b":[],"c":{"":1,"":2}}"#, "c."),
    ])
  func repeated(_ text: String, _ path: String) {
    #expect(throws: ModelConfigError.repeated(file: "c.json", key: path)) { try parse(text) }
  }

  @Test(
    "Equal keys of different objects, and values that look like keys, are none",
    arguments: [
      #"{"a":{"a":{"a":1}},"b":{"a":1}}"#, #"[{"a":1},{"a":1}]"#, #"{"a":"a","b":"a","c":["a","a"]}"#,
      #"{"a":"\\","b":"\",\"a\":1"}"#,
    ])
  func different(_ text: String) throws { _ = try parse(text) }
}
