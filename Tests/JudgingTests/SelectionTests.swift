import Conformance
import Foundation
import Goldens
import TestSupport
import Testing

@Suite("Selecting cases by their names") struct SelectionTests {
  private let names = ["glm-4.5", "gpt2"].flatMap { model in
    ["bf16", "f16", "f32"].flatMap { type in ["position", "table"].map { "\(model)/\(type)/a/\($0)" } }
  }

  private func selected(_ patterns: [String] = [], excluding excluded: [String] = []) throws -> [String] {
    try NameFilter(patterns, excluding: excluded).select(from: names)
  }

  @Test("Names that match any pattern and no excluded one stay, in their order")
  func selects() throws {
    #expect(try selected() == names)
    #expect(try selected(["gpt2/f32", "glm-4.5/f32"]) == names.filter { $0.contains("/f32/") })
    #expect(try selected(["*/{f16,bf16}/**"]) == names.filter { !$0.contains("/f32/") })
    #expect(try selected(excluding: ["gpt2"]) == names.filter { $0.hasPrefix("glm") })
    #expect(
      try selected(["glm-4.5"], excluding: ["*/f32", "**/position"]) == ["glm-4.5/bf16/a/table", "glm-4.5/f16/a/table"])
  }

  @Test("A pattern that matches no name is an error, be it to choose or to leave out")
  func unmatched() {
    let known = "matches none of the 12 cases; nearest: glm-4.5, gpt2"
    #expect(errorText { try selected(["glm-4.6"]) }.hasPrefix("--case 'glm-4.6' \(known)"))
    #expect(errorText { try selected(excluding: ["glm-4.6"]) }.hasPrefix("--exclude 'glm-4.6' \(known)"))
    #expect(errorText { try selected(["{glm-4.5"]) }.hasPrefix("--case: the pattern '{glm-4.5' has a '{' without '}'"))
    #expect(errorText { try selected(excluding: ["a}"]) }.hasPrefix("--exclude: the pattern 'a}' has a '}' without"))
  }

  @Test("If nothing is left, that is an error that repeats the options")
  func empty() {
    #expect(
      errorText { try selected(["gpt2"], excluding: ["gpt2/{f32,f16}", "*/bf16"]) }
        == "--case 'gpt2' with --exclude 'gpt2/{f32,f16}' with --exclude '*/bf16' leaves none of the 12 cases: give "
        + "fewer of these options")
  }

  @Test("No cases at all are no error of the options")
  func none() throws {
    #expect(try NameFilter().select(from: []).isEmpty)
  }
}
