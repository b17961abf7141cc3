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

  @Test("Unsupported cases are one line for each reason, and every case is one when that is asked for")
  func unsupported() throws {
    let options = ["run", "--backend", "mutant:first-row-for-batch", "--no-diagnosis", "--case", "gpt-oss-20b/f32"]
    let (_, text) = try Program(ropeConformance: options).outcome()
    let verbose = try Program(ropeConformance: options + ["--verbose"]).outcome().text
    func lines(_ text: String) -> [Substring] { text.split(separator: "\n").filter { $0.hasPrefix("– ") } }
    let reason = "this mistake cannot occur in this case", single = lines(verbose)
    let names = single.filter { $0.hasSuffix("unsupported: \(reason)") }.map { $0.dropFirst(2).prefix { $0 != ":" } }
    #expect(names.count > 1 && lines(text).count < single.count, "\(text)")
    #expect(lines(text).contains("– unsupported: \(reason): \(names.count) cases, first \(names[0])"), "\(text)")
  }

  @Test("A profile is named at the end, and what it allows conforms and is not announced")
  func profile() throws {
    let options = [
      "run", "--backend", "mutant:running-product", "--no-diagnosis", "--case", "olmo-2-7b/f32/far/position",
    ]
    let strict = try Program(ropeConformance: options).outcome()
    #expect(strict.status == 1 && strict.text.hasSuffix("\ndoes not conform (profile strict)\n"), "\(strict)")
    for (option, variable) in [(["--profile", "running-product"], [:]), ([], ["ROPE_PROFILE": "running-product"])] {
      let outcome = try Program(ropeConformance: options + option, environment: variable).outcome()
      #expect(outcome.status == 0 && outcome.text.hasSuffix("\nconforms (profile running-product)\n"), "\(outcome)")
      #expect(!outcome.text.contains("looser tolerance"))
    }
    let own = try Program(
      ropeConformance: options + ["--profile", "running-product", "--tolerance", "** = relative-0.1% because a test"]
    ).outcome()
    #expect(
      own.text.contains("1 of 1 cases was judged by a looser tolerance than the profile running-product gives: 1 by "),
      "\(own)")
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
