import Backends
import Conformance
import Foundation
import Reports

@testable import Goldens

/// Three cases of which the one in the middle is spoiled, and what judging them needs.
struct Subject {
  static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  /// The case in the middle.
  static let target = 1

  let fixtures: Fixtures
  let goldens: [Golden]
  let rule: ToleranceRule
  /// What is right.
  let outputs: OutputsFile

  init(_ workload: String = "prompt") throws {
    fixtures = try Fixtures(path: Self.root.appending(path: "Fixtures").path)
    goldens = try ["f32", "f16", "bf16"].map { [fixtures] in
      try fixtures.golden(named: "glm-4-9b-chat/\($0)/\(workload)/position")
    }
    rule = try ToleranceRule(parsing: "** = correctly-rounded because it is", origin: "test")
    outputs = OutputsFile(of: goldens, checksum: fixtures.checksum)
  }

  var entries: [Manifest.Entry] {
    fixtures.manifest.cases.filter { entry in goldens.contains { $0.goldenCase.name == entry.name } }
  }

  func verdicts(_ judge: any CaseJudge) throws -> [Verdict] {
    try goldens.map { try judge.verdict(on: $0, rule: rule) }
  }

  /// The verdicts on a file.
  func verdicts(onFile path: String, limits: ProcessLimits? = ProcessLimits(seconds: 10)) throws -> [Verdict] {
    try verdicts(RecordedRun(paths: [path], fixtures: fixtures, limits: limits, diagnoses: false))
  }
}

/// A folder of its own for one test, removed when the test ends.
struct TemporaryFolder: ~Copyable {
  let path = FileManager.default.temporaryDirectory.appending(path: "recorded-tests-\(UUID().uuidString)").path

  init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func path(_ name: String) -> String { "\(path)/\(name)" }
}
