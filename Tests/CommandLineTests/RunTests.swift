import Foundation
import TestSupport
import Testing

@Suite("run", .timeLimit(.minutes(30))) struct RunTests {
  private func run(_ options: String...) throws -> Program.Outcome {
    try Program(
      ropeConformance: ["run", "--backend", "mutant:sine-negated", "--case", "gpt-oss-20b/*/prompt/*"] + options
    ).outcome()
  }

  @Test("A case that fails is diagnosed, unless that is not wanted; the rest of the verdict is the same")
  func diagnosis() throws {
    let (status, text) = try run(), plain = try run("--no-diagnosis")
    let lines = text.split(separator: "\n").filter { !$0.hasPrefix("  diagnosis: ") && !$0.hasPrefix("    the ") }
    #expect(status == 1 && plain.status == 1)
    #expect(text.contains("\n  diagnosis: query and key match sine-negated"), "\(text)")
    #expect(plain.text.split(separator: "\n") == lines)
  }

  @Test("Cases that no file holds are there where they are asked for")
  func tier() throws {
    let name = "glm-4-9b-chat/bf16/beyond-int32/position"
    #expect(try !Program.ropeConformance("list").text.contains(name))
    #expect(try Program.ropeConformance("list", "--tier", "full").text.contains("\(name)\n"))
    let shown = try Program.ropeConformance("show", name, "--tier", "full").text
    #expect(shown.contains("\nshape: batch 1, sequence 1048576, query heads 17, key heads 1\n"), "\(shown)")
  }

  @Test("More shards than cases leave some empty, which is no failure")
  func emptyShard() throws {
    let text = try Program.ropeConformance(
      "run", "--backend", "reference", "--case", "gpt2/f32/prompt/none", "--shard", "2/2")
    #expect(text.status == 0 && text.text.hasSuffix("\nshard 2/2 has no cases\n"), "\(text)")
  }
}
