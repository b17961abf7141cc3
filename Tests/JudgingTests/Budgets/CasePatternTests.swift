import Foundation
import TestSupport
import Testing

@testable import Judging

@Suite("Patterns of case names") struct CasePatternTests {
  @Test(
    "A pattern matches a name or its first components",
    arguments: [
      ("glm", ["glm", "glm/bf16", "glm/bf16/a/b"], ["glm-4/bf16", "xglm", "g"]),
      ("glm/bf16", ["glm/bf16", "glm/bf16/a/b"], ["glm/f32/bf16", "glm"]),
      ("*", ["glm", "glm/bf16"], []),
      ("*/bf16", ["glm/bf16/a", "gpt/bf16"], ["glm/f32/bf16", "bf16"]),
      ("**/bf16", ["glm/bf16/a", "glm/x/bf16/b"], ["glm/bf16x"]),
      ("glm/**", ["glm/bf16/a"], ["glm", "gpt/glm/a"]),
      ("", [""], ["a", "a/b"]), ("glm/", [], ["glm/bf16"]),
    ])
  func components(pattern: String, matched: [String], others: [String]) throws {
    let pattern = try CasePattern(pattern)
    for name in matched { #expect(pattern.matches(name), "\(name)") }
    for name in others { #expect(!pattern.matches(name), "\(name)") }
  }

  @Test(
    "Braces stand for each of their texts",
    arguments: [
      ("*/{f16,bf16}/**", ["glm/f16/a", "glm/bf16/a"], ["glm/f32/a", "glm/{f16,bf16}/a"]),
      ("{a,b}{c,d}", ["ac", "ad", "bc", "bd/x"], ["a", "cd"]),
      ("a{,-b}", ["a", "a-b", "a-b/c"], ["a-", "ab"]),
      ("{a/b,c}/d", ["a/b/d", "c/d"], ["a/d", "b/d"]),
      ("{a{1,2},b}", ["a1", "a2", "b"], ["a", "b1"]),
      ("{a}", ["a"], ["{a}"]), ("a,b", ["a,b"], ["a", "b"]),
    ])
  func braces(pattern: String, matched: [String], others: [String]) throws {
    try components(pattern: pattern, matched: matched, others: others)
  }

  @Test(
    "A brace without a partner is an error that says which",
    arguments: [("{a,b", "{"), ("a}", "}"), ("{a,{b}", "{"), ("{a}}", "}"), ("{", "{"), ("}", "}")])
  func unpaired(text: String, brace: Character) {
    #expect(throws: PatternError.unpaired(brace, pattern: text)) { try CasePattern(text) }
  }

  @Test("Braces that stand for too many texts, or are nested too deep, are an error at once")
  func tooLarge() throws {
    #expect(try CasePattern(String(repeating: "{a,b}", count: 10)).matches("ababababab"))
    let doubled = String(repeating: "{a,b}", count: 11)
    #expect(throws: PatternError.tooManyTexts(pattern: doubled)) { try CasePattern(doubled) }
    for text in [String(repeating: "{", count: 65), String(repeating: "a", count: 5_000)] {
      #expect(throws: PatternError.tooLarge(byteCount: text.utf8.count)) { try CasePattern(text) }
    }
  }

  @Test("The nearest names are named as far as the pattern goes, each once")
  func nearest() throws {
    let names = ["glm-4.5", "glm-4.6", "gpt2"].flatMap { model in ["bf16", "f32"].map { "\(model)/\($0)/a/table" } }
    #expect(try CasePattern("glm-4.7").nearest(of: names) == ["glm-4.5", "glm-4.6", "gpt2"])
    #expect(try CasePattern("glm-4.5/b16").nearest(of: names).first == "glm-4.5/bf16")
    #expect(try CasePattern("glm-4.5/f32/a/tabel").nearest(of: names).first == "glm-4.5/f32/a/table")
    #expect(try CasePattern("{gpt3,opt}/f32").nearest(of: names).first == "gpt2/f32")
  }

  @Test("A pattern is a text in JSON, and one that cannot be read is an error")
  func json() throws {
    let pattern = try CasePattern("*/{f16,bf16}/**"), data = try JSONEncoder().encode([pattern])
    #expect(try JSONDecoder().decode([CasePattern].self, from: data) == [pattern] && pattern.text == "\(pattern)")
    #expect(throws: DecodingError.self) { try JSONDecoder().decode([CasePattern].self, from: Data(#"["{a"]"#.utf8)) }
  }
}
