import Foundation
import Testing

@testable import Models

@Suite struct RepeatedKeysTests {
  @Test(
    "A repeated key is found, with the objects around it",
    arguments: [
      (#"{"a":1,"a":2}"#, "a"),
      (#"{"a":{"b":[{"c":1},{"c":2,"d":3,"c":4}]}}"#, "a.b.c"),
      (#"{"a":"{","b":{"x":1},"b":0}"#, "b"),
      (#"{"quoted\"":1,"quoted\"":2}"#, "quoted\""),
      (#"{"π":1,"\u03c0":2}"#, "π"),
      (#"{"a":{},"b":[],"c":{"":1,"":2}}"#, "c."),
    ])
  func found(_ json: String, _ path: String) {
    #expect(RepeatedKeys.first(in: Data(json.utf8)) == path)
  }

  @Test(
    "Equal keys of different objects, and values that look like keys, are none",
    arguments: [
      #"{"a":{"a":{"a":1}},"b":{"a":1}}"#, #"[{"a":1},{"a":1}]"#, #"{"a":"a","b":"a","c":["a","a"]}"#,
      #"{"a":"\\","b":"\",\"a\":1"}"#, #""a""#, "3", "{}",
    ])
  func none(_ json: String) {
    #expect(RepeatedKeys.first(in: Data(json.utf8)) == nil)
  }
}
