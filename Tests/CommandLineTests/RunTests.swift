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
    let (status, text) = try run("--verbose"), plain = try run("--verbose", "--no-diagnosis")
    func verdicts(_ text: String) -> [Substring] {
      let verdicts = text.split(separator: "\n").prefix { !$0.hasPrefix("section ") }
      return verdicts.filter { !$0.hasPrefix("  diagnosis: ") && !$0.hasPrefix("    the ") }
    }
    #expect(status == 1 && plain.status == 1)
    #expect(text.contains("\n  diagnosis: query and key match sine-negated"), "\(text)")
    #expect(verdicts(plain.text) == verdicts(text) && verdicts(text).count > 6)
    #expect(plain.text.contains("\n✗ 3 cases: errors beyond the limit, without a diagnosis\n"), "\(plain.text)")
  }

  @Test("Failures are one cause with an example in full, a command that repeats it, and the next step")
  func causes() throws {
    let lines = try run().text.split(separator: "\n").map(String.init)
    let example = "gpt-oss-20b/f32/prompt/position", run = "rope-conformance run --backend mutant:sine-negated"
    #expect(
      lines.contains { $0.hasPrefix("✗ 3 cases: sine-negated (B72): rotates in the wrong direction") }, "\(lines)")
    #expect(lines.count { $0.hasPrefix("  ✗ ") } == 1 && lines.contains("  ✗ \(example)"), "\(lines)")
    #expect(lines.contains("  repeat: \(run) --case \(example) --verbose"), "\(lines)")
    #expect(lines.suffix(2) == ["    \(run) --last-failed", "does not conform (profile strict)"], "\(lines)")
    // What was judged is told, but not the sections and grades of the cases.
    #expect(lines.contains { $0.hasPrefix("rotated elements") } && lines.contains { $0.hasPrefix("largest judged") })
    #expect(!lines.contains { $0.hasPrefix("section ") || $0.hasPrefix("cases by grade") })
    let sized = [
      "run", "--backend", "mutant:last-block-left-out", "--case", "array-half-1024/f32/b1-s2100*", "--case",
      "llama-2-7b/f32/prompt/position",
    ]
    #expect(try Program(ropeConformance: sized).outcome().text.contains("\n✗ 1 case (only from 2100 tokens on): "))
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
