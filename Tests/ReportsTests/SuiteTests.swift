import Backends
import Conformance
import Goldens
import Judging
import Mistakes
import Reports
import RoPE
import TestSupport
import Testing

@Suite("The suite as a library") struct SuiteTests {
  private let suite = Result { try ConformanceSuite() }
  private let patterns = ["gpt-oss-20b/*/prompt/*", "gpt2/f32/prompt/none"]

  /// A backend that only copies.
  private struct Copying: RoPEBackend {
    let name = "copying"
    let summary = "copies"

    func support(for call: RotationCall) -> Support {
      call.contract == .unrotated ? .supported : .unsupported(reason: "no rotation")
    }

    func rotate(_ call: RotationCall, in memory: CallMemory) throws -> Evidence? {
      try ReferenceBackend().rotate(call, in: memory)
    }
  }

  @Test("A backend is run on the cases that patterns choose, in the order of the manifest")
  func run() throws {
    let suite = try suite.get(), report = try suite.run(ReferenceBackend(), cases: patterns)
    #expect(report.cases.map(\.name) == ["gpt2/f32/prompt/none"] + (try suite.caseNames("gpt-oss-20b/*/prompt/*")))
    #expect(report.conforms && report.conclusion.hasSuffix("\nconforms (profile strict)"))
    #expect(report.header.caseCount == 4 && report.header.tolerances == suite.tolerances.rules)
    let one = try suite.report(on: "gpt2/f32/prompt/none", of: ReferenceBackend())
    #expect(one.outcome == .conforms && one.text.hasPrefix("✓ gpt2/f32/prompt/none"))
  }

  @Test("What is not supported conforms by no means, and makes no run fail")
  func unsupported() throws {
    let report = try suite.get().run(Copying(), cases: patterns)
    #expect(report.cases.map(\.outcome) == [.conforms, .unsupported, .unsupported, .unsupported])
    #expect(report.conforms)
  }

  @Test("A pattern that fits no case is an error, which names the nearest")
  func noCase() throws {
    let suite = try suite.get()
    let message = errorText { try suite.run(ReferenceBackend(), cases: ["gpt2/f32/promt/none"]) }
    #expect(
      message.hasPrefix("pattern 'gpt2/f32/promt/none' matches none of the 900 cases; nearest: gpt2/f32/prompt/none, "))
    #expect(message.hasSuffix("; caseNames() shows all names"))
  }

  @Test("Parts of a run are disjoint, and together the whole; cases come one by one, in order, diagnosed or not")
  func parts() throws {
    let suite = try suite.get(), mutant = try BackendChoice.mutant("sine-negated")
    var names: [String] = []
    for part in ["1/2", "2/2"] {
      let selection = try CaseSelection(NameFilter(patterns), from: suite.library, shard: Shard(parsing: part))
      let run = ConformanceRun(
        MutantCandidate(mutant, runCount: 1), on: selection, of: suite.library, suite.tolerances,
        diagnoses: part == "1/2")
      var seen: [CaseReport] = []
      let report = try run.run { seen.append($0) }
      #expect(report.cases == seen && report.header == run.header && run.header.totalCaseCount == selection.totalCount)
      #expect(seen.contains { $0.outcome == .fails })
      #expect(seen.allSatisfy { ($0.diagnosis != nil) == (part == "1/2" && $0.outcome == .fails) })
      names += seen.map(\.name)
    }
    #expect(Set(names) == Set(try suite.run(ReferenceBackend(), cases: patterns).cases.map(\.name)) && names.count == 4)
  }
}
