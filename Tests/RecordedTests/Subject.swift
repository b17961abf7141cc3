import Conformance
import Foundation
import Judging
import Reports
import TestSupport
import Workers

@testable import Backends
@testable import Goldens

/// Three cases, the middle one to be spoiled, with everything needed to judge them.
struct Subject {
  /// The index of the middle case.
  static let target = 1

  let library: CaseLibrary
  let goldens: [Golden]
  /// The right outputs.
  let outputs: OutputsFile

  init(_ workload: String = "prompt") throws {
    library = try CaseLibrary(.ofPackage())
    goldens = try ["f32", "f16", "bf16"].map { [library] in
      try library.golden(named: "glm-4-9b-chat/\($0)/\(workload)/position")
    }
    outputs = OutputsFile(of: goldens, checksum: library.fixtures.checksum)
  }

  var entries: [Manifest.Entry] {
    library.entries.filter { entry in goldens.contains { $0.goldenCase.name == entry.name } }
  }

  /// The reports on a candidate, without diagnoses.
  func reports(_ candidate: any Candidate) throws -> [CaseReport] {
    let runner = try runner(candidate)
    return try goldens.map { try runner.report(on: $0) }
  }

  /// The reports on a file.
  func reports(onFile path: String, limits: WorkerLimits? = WorkerLimits(seconds: 10)) throws -> [CaseReport] {
    try reports(RecordedCandidate(paths: [path], library: library, limits: limits))
  }
}

extension Fixtures {
  /// The goldens of this package.
  static func ofPackage() throws -> Fixtures { try Fixtures(path: packageRoot.appending(path: "Fixtures").path) }
}

/// Files of recorded outputs, one for each run, that name no goldens.
struct Recordings: Candidate {
  let runs: [RecordedOutputs]

  var name: String { "test" }
  var deviceName: String? { nil }
  var summary: String { "a test" }
  var problems: [String] { [] }
  func notChecked(of cases: [Manifest.Entry]) -> [String] { [] }

  func outputs(of golden: Golden) -> CandidateOutputs { RecordedSource(golden, runs: runs).answer }
}

/// Judges a candidate by one budget.
func runner(
  _ candidate: any Candidate, budget: String = "correctly-rounded", diagnoses: Bool = false
) throws -> CaseRunner {
  CaseRunner(
    candidate, Tolerances([try ToleranceRule(parsing: "** = \(budget) because a test says so", origin: "test")]),
    diagnoses: diagnoses)
}
