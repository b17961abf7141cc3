import Files
import Foundation
import RoPE
import Testing

@testable import Conformance
@testable import Diagnosis
@testable import Judging
@testable import Reports

/// The causes of failing cases, what to do next, and how they are told.
@Suite struct FailureGroupTests {
  private static let origin = RunOrigin(
    command: ["run", "--backend", "plugin:my rope.so", "--case", "a/**", "--json=x.json", "--profile", "strict", "-v"],
    date: "2030-01-02T03:04:05Z", commit: "abc")

  /// The report of a run that a command started.
  private func run(_ cases: [CaseReport]) -> RunReport {
    var report = RunReport(
      RunHeader(
        backend: .init(name: "test", device: nil, summary: "a *kernel*"), origin: Self.origin, tolerances: [],
        goldens: "", caseCount: cases.count))
    for result in cases { report.add(result) }
    return report
  }

  private func named(_ name: String, alike: [String] = []) -> Statement {
    let mistake = KnownMistake(name: name, summary: "does \(name)", bugs: ["B04", "B07"], indistinguishable: alike)
    return Statement(tensors: [.query, .key], cause: .changes([.mistake(mistake)], residual: 0.1))
  }

  @Test("A case that cannot tell its mistake from another's is counted with that; rounding comes last")
  func counting() throws {
    let report = run([
      try report("m/f32/r/position", diagnosis: [.rounding]), try report("m/f32/s/position", diagnosis: [.rounding]),
      try report("m/f32/a/position", diagnosis: [named("first", alike: ["second"])]),
      try report("m/f32/b/position", diagnosis: [named("second")]),
      try report("m/f32/c/position", diagnosis: [named("second", alike: ["third"])]),
      try report("m/f32/t/position", diagnosis: [.rounding]), try report("m/f32/u/position", diagnosis: [.rounding]),
      try report("m/f32/ok/position", failedCount: 0),
    ])
    let groups = report.summary.groups
    #expect(groups.map(\.cases.count) == [3, 4] && groups.map(\.isRounding) == [false, true], "\(groups)")
    #expect(groups[0].cases == ["m/f32/a/position", "m/f32/b/position", "m/f32/c/position"])
    #expect(groups[0].cause == "second (B04, B07): does second" && groups[0].bugs == ["B04", "B07"])
  }

  @Test("Measured changes are one cause whatever their numbers and tensors, and that of the mistake with this number")
  func measured() throws {
    func shift(_ value: Double, _ tensors: [TensorName]) -> Statement {
      Statement(
        tensors: tensors, cause: .changes([.measured(.shift(Fitted(value, uncertainty: 1e-6)))], residual: 0.1))
    }
    let groups = run([
      try report("m/f32/a/position", diagnosis: [shift(1, [.query, .key])]),
      try report("m/f32/b/position", diagnosis: [shift(2, [.query, .key])]),
      try report("m/f32/c/position", diagnosis: [shift(1, [.query]), shift(1.0001, [.key])]),
      try report("m/f32/d/position", diagnosis: [named("position-plus-one")]),
    ]).summary.groups
    #expect(groups.map(\.cause) == ["positions are shifted", "position-plus-one (B04, B07): does position-plus-one"])
    let unnamed = groups.flatMap(\.cases)
    #expect(unnamed.count == 4)
  }

  @Test("What did not hold exactly is the cause where no statement is about the first run")
  func integrity() throws {
    let violation = Violation.backendFailed(message: "no")
    let groups = run([
      try report("m/f32/a/position", violations: [violation]),
      try report("m/f32/b/position", diagnosis: [.unknown.of(run: 2)], violations: [violation]),
    ]).summary.groups
    #expect(groups.map(\.cause) == ["the backend failed"] && groups[0].cases.count == 2)
  }

  @Test("A command is repeated without the options that chose cases, reports and the profile")
  func command() {
    #expect(
      Self.origin.command(with: ["--case", "b/{c,d}"])
        == "rope-conformance run --backend 'plugin:my rope.so' --profile strict --case 'b/{c,d}'")
    #expect(
      Self.origin.command(with: ["--profile", "other"], isOtherProfile: true)
        == "rope-conformance run --backend 'plugin:my rope.so' --profile other")
    let quoted = RunOrigin(command: ["run", "--backend", "it's"], date: "", commit: nil)
    #expect(quoted.commandLine == "rope-conformance run --backend 'it'\\''s'")
  }

  @Test("The next step: a profile if only rounding is wrong, the first cause otherwise, nothing if all is right")
  func nextStep() throws {
    func rounding(_ name: String, _ profiles: [String], _ said: Statement = .rounding) throws -> CaseReport {
      let known = try report(name, diagnosis: [said])
      return CaseReport(known.verdict, diagnosis: known.diagnosis, otherProfiles: profiles)
    }
    let both = ["float32-angles", "running-product"]
    let loose = [try rounding("m/f32/a/position", both), try rounding("m/f32/b/position", ["running-product"])]
    let step = try #require(run(loose).nextStep)
    #expect(step.sentence.hasPrefix("all 2 failing cases would conform under the profile running-product, "))
    #expect(step.command?.hasSuffix(" --profile running-product") == true)
    // A few elements that round too much can seem to be at a place; a known mistake is no rounding.
    let placed = try #require(run(loose + [rounding("m/f32/c/position", both, .unknown)]).nextStep)
    #expect(placed.sentence.hasPrefix("all 3 failing cases would conform under the profile running-product, "))
    let mistaken = try #require(run([rounding("m/f32/c/position", both, named("first"))]).nextStep)
    #expect(mistaken.sentence.hasPrefix("mend the cause above"))
    let mixed = try #require(run(loose + [report("m/f32/c/position", diagnosis: [named("first")])]).nextStep)
    #expect(mixed.sentence.hasPrefix("mend the first cause, which 1 of 3 failing cases have, "))
    let most = try (0..<4).map { try rounding("m/f32/\($0)/position", both) }
    let few = try #require(run(most + [report("m/f32/c/position", diagnosis: [.unknown])]).nextStep)
    #expect(few.sentence.hasPrefix("at least 4 of the 5 failing cases would conform under the profile "))
    #expect(mixed.command?.hasSuffix(" --last-failed") == true)
    #expect(run([try report(failedCount: 0)]).nextStep == nil)
    let none = try #require(run([try report(unsupported: "no")]).nextStep)
    #expect(none.sentence.hasPrefix("the only case is unsupported") && none.command == nil)
  }

  @Test("On the terminal two causes take at most 40 lines, however many cases have them")
  func lines() throws {
    let cases = try (0..<300).map { number in
      try report("m/f32/w\(number)/position", diagnosis: [number % 3 == 0 ? named("first") : .measured])
    }
    let lines = run(cases).conclusion(.plain).split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines.count <= 40, "\(lines.joined(separator: "\n"))")
    #expect(lines.count { $0.hasPrefix("✗ ") } == 2 && lines.contains { $0.hasPrefix("✗ 100 cases: first") })
    #expect(lines.last == "does not conform (profile strict)")
  }

  @Test("The terminal has at most 40 lines, however many causes of rounding and of mistakes there are")
  func manyCauses() throws {
    let rounding = try Budget.named.filter(\.isArithmetic).map { budget in
      try report(
        "m/f32/\(budget.name)/position",
        diagnosis: [Statement(tensors: [.query, .key], cause: .rounding(budget, like: nil))])
    }
    let cases = try (0..<12).map { try report("m/f32/w\($0)/position", diagnosis: [named("mistake-\($0)")]) }
    let lines = run(cases + rounding).conclusion(.plain).split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines.count <= 40, "\(lines.joined(separator: "\n"))")
    #expect(lines.count { $0.hasPrefix("✗ ") } == 6, "\(lines)")
    #expect(lines.contains { $0.hasPrefix("\(cases.count + rounding.count - 6) more causes of ") }, "\(lines)")
  }

  @Test("Where one tensor shows the cause, another that shows only a place makes no group of its own")
  func oneTensorTells() throws {
    let place = Statement(
      tensors: [.key], place: Place([.init(.pair, [3], of: 8)], failedCount: 1, elementCount: 2), cause: .confined)
    let groups = run([
      try report("m/f32/a/position", diagnosis: [named("first")]),
      try report("m/f32/b/position", diagnosis: [named("first"), place]),
      try report("m/f32/c/position", diagnosis: [place]),
    ]).summary.groups
    #expect(groups.map(\.cases.count) == [2, 1], "\(groups)")
    #expect(groups.last?.cause == "only some pairs are wrong, by no known mistake")
  }

  @Test("Markdown names causes and links threads, escapes what it prints, and folds rounding")
  func markdown() throws {
    let text = run([
      try report("m/f32/a/position", diagnosis: [named("a_b*c")]),
      try report("m/f32/b/position", diagnosis: [.rounding]),
    ]).markdown
    #expect(text.hasPrefix("## Does not conform: a \\*kernel\\*\n\n2 cases: 0 conform, 2 fail, 0 unsupported"))
    #expect(text.contains("### ✗ 1 case: a\\_b\\*c (B04, B07)"))
    #expect(text.contains("[B07, llama.cpp#7452](https://github.com/ggml-org/llama.cpp/issues/7452)"))
    // Nobody is sure who owns that project.
    #expect(text.contains("Reported as B04, shainet#111; "))
    #expect(text.contains("<details><summary>1 case fails by rounding alone</summary>"))
    #expect(
      text.contains(
        "\n    rope-conformance run --backend 'plugin:my rope.so' --profile strict --case m/f32/a/position "))
  }

  @Test("A file for Markdown keeps what it had")
  func appending() throws {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID()).md").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    let file = try AtomicFile(path)
    try file.append("one\n")
    try file.append("two\n")
    #expect(try text(path) == "one\ntwo\n")
    try Data([0xFF]).write(to: URL(fileURLWithPath: path))
    #expect(throws: FileError.self) { try file.append("three") }
  }
}
