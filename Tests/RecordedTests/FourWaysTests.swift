import Conformance
import Foundation
import Goldens
import Judging
import Reports
import RoPE
import TestSupport
import Testing
import Workers

@testable import Backends

@Suite("Four ways in", .timeLimit(.minutes(30))) struct FourWaysTests {
  /// The example plug-in as a backend in Swift.
  private struct SwiftBackend: MemoryMakingBackend {
    let library: PluginBackend

    var name: String { "swift" }
    var summary: String { "a backend in Swift" }

    func support(for call: RotationCall) throws -> Support { try library.support(for: call) }
    func makeMemory(byteCounts: [Int]) throws -> CallMemory { try library.makeMemory(byteCounts: byteCounts) }
    func rotate(_ call: RotationCall, in memory: CallMemory) throws -> Evidence? {
      try library.rotate(call, in: memory)
    }
  }

  /// The outputs of a backend for goldens, recorded.
  private func record(_ backend: any RoPEBackend, _ goldens: [Golden], checksum: String) throws -> OutputsFile {
    var file = OutputsFile(of: [], checksum: checksum)
    let candidate = LiveCandidate(backend, runCount: 1)
    for golden in goldens {
      guard case .outputs(let outputs) = try candidate.outputs(of: golden) else {
        Issue.record("\(golden.goldenCase.name) has no outputs")
        continue
      }
      #expect(try outputs.perform(run: 1).violations == [])
      file.cases.append(try .init(golden) { try outputs.rows(run: 1, $0, $1) })
    }
    return file
  }

  @Test(
    "The same computation has the same verdicts as a Swift backend, a plug-in, a program and recorded outputs",
    arguments: [
      ("", Outcome.conforms),
      // Rotates in the other sense.
      ("#include <math.h>\nstatic double minus_sin(double x) { return -sin(x); }\n#define sin minus_sin", .fails),
    ])
  func same(line: String, outcome: Outcome) throws {
    let folder = try TemporaryFolder()
    let library = try PluginCompiler.library("\(line)\n#include \"plain_rope.c\"\n", name: "four-ways-\(outcome)")
    let cases = try CaseLibrary(.ofPackage())
    let names = ["f32/prompt", "f16/batch", "bf16/ragged", "f32/fused-qkv", "bf16/single-token"].map {
      "glm-4-9b-chat/\($0)/position"
    }
    let entries = cases.entries.filter { names.contains($0.name) }
    #expect(entries.count >= 3, "\(entries.map(\.name))")
    let goldens = try entries.map { try cases.golden(named: $0.name) }
    let swift = SwiftBackend(library: try PluginBackend(path: library, limits: nil))
    let outputs = folder.path("outputs.h5")
    try record(swift, goldens, checksum: cases.fixtures.checksum).write(to: outputs)
    let candidates: [any Candidate] = [
      LiveCandidate(swift, runCount: 3), LiveCandidate(try PluginBackend(path: library), runCount: 3),
      CommandCandidate(
        try CommandProgram(parsing: "sh -c 'test -s \"$0\" && cp \(outputs) \"$1\"' {inputs} {outputs}"), runCount: 3,
        limits: WorkerLimits(), library: cases, cases: entries),
      try RecordedCandidate(paths: [outputs], library: cases, limits: WorkerLimits()),
    ]
    let runners = try candidates.map { try runner($0, budget: "float32-exact-angle", diagnoses: true) }
    for golden in goldens {
      let found = try runners.map { try $0.report(on: golden) }
      #expect(found[0].outcome == outcome, "\(found[0].text)")
      #expect(found[0].statements.isEmpty == (outcome == .conforms), "\(found[0].text)")
      let areSame = found.allSatisfy { $0.verdict == found[0].verdict && $0.diagnosis == found[0].diagnosis }
      #expect(areSame, "\(found.map(\.text))")
    }
  }
}
