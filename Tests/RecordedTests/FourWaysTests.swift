import Foundation
import HDF5
import Reports
import RoPE
import Testing

@testable import Backends
@testable import Conformance
@testable import Goldens

@Suite("Four ways in") struct FourWaysTests {
  /// The example plug-in as a backend in Swift.
  private struct SwiftBackend: RoPEBackend {
    let library: PluginBackend

    var name: String { "swift" }
    var summary: String { "a backend in Swift" }

    func support(for call: RotationCall) throws -> Support { try library.support(for: call) }
    func makeMemory(byteCounts: [Int]) throws -> CallMemory { try library.makeMemory(byteCounts: byteCounts) }
    func rotate(_ call: RotationCall, in memory: CallMemory) throws -> Evidence? {
      try library.rotate(call, in: memory)
    }
  }

  /// The example plug-in, with a line in front of its source.
  private func compile(_ line: String, in folder: String) throws -> String {
    let source = "\(folder)/plug-in.c", library = "\(folder)/libplug-in.so"
    try Data("\(line)\n#include \"plain_rope.c\"\n".utf8).write(to: URL(filePath: source))
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [
      "cc", "-O1", "-w", "-shared", "-fPIC", "-I", Subject.root.appending(path: "Sources/CRoPEBackend/include").path,
      "-I", Subject.root.appending(path: "examples/c-plug-in").path, "-o", library, source, "-lm",
    ]
    try process.run()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0)
    return library
  }

  /// What a backend computes of goldens, recorded.
  private func record(_ backend: any RoPEBackend, _ goldens: [Golden], checksum: String) throws -> OutputsFile {
    var file = OutputsFile(of: goldens, checksum: checksum)
    for (index, golden) in goldens.enumerated() {
      guard case .stored(let tensors) = golden.content else { continue }
      let stored = try StoredCall(golden, tensors, for: backend), call = stored.call
      _ = try backend.rotate(call, in: stored.place.memory)
      file.cases[index].query?.bytes = stored.place.gather(call.query.output, heads: call.query.heads).bytes
      file.cases[index].key?.bytes = stored.place.gather(call.key.output, heads: call.key.heads).bytes
    }
    return file
  }

  /// All of a verdict, for comparison.
  private func everything(_ verdict: Verdict) throws -> String {
    let report = CaseReport(verdict)
    return "\(report)"
  }

  @Test(
    "The same computation has the same verdicts as a Swift backend, a plug-in, a program and recorded outputs",
    arguments: [
      ("", Verdict.Outcome.conforms),
      // The other sense of rotation.
      ("#include <math.h>\nstatic double minus_sin(double x) { return -sin(x); }\n#define sin minus_sin", .fails),
    ])
  func same(line: String, outcome: Verdict.Outcome) throws {
    let folder = try TemporaryFolder(), library = try compile(line, in: folder.path)
    let fixtures = try Fixtures(path: Subject.root.appending(path: "Fixtures").path)
    let names = ["f32/prompt", "f16/batch", "bf16/ragged", "f32/fused-qkv", "bf16/single-token"].map {
      "glm-4-9b-chat/\($0)/position"
    }
    let known = Set(fixtures.manifest.cases.map(\.name))
    let entries = fixtures.manifest.cases.filter { names.contains($0.name) }
    #expect(entries.count >= 3, "\(names.filter { !known.contains($0) })")
    let goldens = try entries.map { try fixtures.golden(named: $0.name) }
    let swift = SwiftBackend(library: try PluginBackend(path: library, limits: nil))
    let outputs = folder.path("outputs.h5")
    try record(swift, goldens, checksum: fixtures.checksum).write(to: outputs)
    let judges: [any CaseJudge] = [
      ConformanceRun(backend: swift), ConformanceRun(backend: try PluginBackend(path: library)),
      CommandRun(
        try CommandProgram(parsing: "sh -c 'test -s \"$0\" && cp \(outputs) \"$1\"' {inputs} {outputs}"), runCount: 3,
        limits: ProcessLimits(), fixtures: fixtures, cases: entries),
      try RecordedRun(paths: [outputs], fixtures: fixtures, limits: ProcessLimits()),
    ]
    let rule = try ToleranceRule(parsing: "** = float32-exact-angle because the example computes so", origin: "test")
    for golden in goldens {
      let verdicts = try judges.map { try $0.verdict(on: golden, rule: rule) }
      #expect(verdicts[0].outcome == outcome, "\(verdicts[0].text)")
      let all = try Set(verdicts.map(everything))
      #expect(all.count == 1, "\(verdicts.map(\.text))")
    }
  }
}
