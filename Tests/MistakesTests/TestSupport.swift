import Backends
import Conformance
import Diagnosis
import Foundation
import Goldens
import Judging
import RoPE
import TestSupport
import Testing

@testable import Mistakes

/// The committed goldens under the default tolerances.
struct Committed: Sendable {
  private let fixtures: Fixtures
  private let library: CaseLibrary
  private let tolerances: Tolerances

  private init() throws {
    let root = packageRoot.path
    fixtures = try Fixtures(path: "\(root)/Fixtures")
    library = try CaseLibrary(fixtures)
    tolerances = try Tolerances(file: "\(root)/tolerances.yaml")
  }

  private static let result = Result { try Committed() }

  static var shared: Committed {
    get throws { try result.get() }
  }

  /// The names of all cases whose golden stores its tensors.
  var names: [String] { fixtures.manifest.cases.map(\.name).filter { !$0.contains("/long/") } }

  /// The names of those among them that a published bug fails.
  func names(flagged bug: String) -> [String] {
    fixtures.manifest.cases.filter { $0.flags.contains(bug) && !$0.name.contains("/long/") }.map(\.name)
  }

  /// The cases of the default run of at most so many output elements, those that are computed too.
  func all(upTo elementCount: Int) throws -> [(golden: Golden, rule: ToleranceRule)] {
    try library.entries.filter { $0.elementCount <= elementCount }
      .map { (try library.golden(named: $0.name), try tolerances.rule(for: $0.name)) }
  }

  func golden(_ name: String) throws -> (golden: Golden, rule: ToleranceRule) {
    (try library.golden(named: name), try tolerances.rule(for: name))
  }
}

/// The verdict on a backend, with the diagnosis.
func judged(
  _ backend: some RoPEBackend, on golden: Golden, _ rule: ToleranceRule, runCount: Int = Settings.defaultRunCount
) throws -> (verdict: Verdict, diagnosis: Diagnosis?) {
  guard case .outputs(let outputs) = try LiveCandidate(backend, runCount: runCount).outputs(of: golden) else {
    throw NoOutputs()
  }
  let verdict = try Judge(rule).verdict(on: golden, outputs)
  return (verdict, try Diagnostician().diagnosis(of: verdict, on: golden, outputs))
}

/// The error for a case that the backend does not support.
struct NoOutputs: Error {}

extension Mutant {
  static func named(_ name: String) throws -> Mutant { try #require(all.first { $0.name == name }) }

  /// A mutant without any mistake.
  static let right = Mutant(.output, "right", [], "does nothing wrong") { _ in true }
}
