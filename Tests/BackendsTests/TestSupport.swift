import Backends
import Conformance
import Foundation
import Goldens
import Judging
import TestSupport

extension Fixtures {
  /// The goldens of this package.
  static func ofPackage() throws -> Fixtures { try Fixtures(path: packageRoot.appending(path: "Fixtures").path) }

  /// The shortest case of every model and contract, in place and not, strided and without RoPE among them.
  var shortNames: [String] {
    var seen: Set<String> = []
    return manifest.cases.map(\.name).filter { name in
      let parts = name.split(separator: "/")
      return !name.contains("/long/") && seen.insert("\(parts[2])/\(parts[3])").inserted
    }
  }
}

extension CaseRunner {
  /// Judges a backend on three runs of each case by one rule, without a diagnosis.
  ///
  /// `rule` is a budget and its reason.
  static func undiagnosed(_ backend: some RoPEBackend, _ rule: String) throws -> CaseRunner {
    try undiagnosed(LiveCandidate(backend, runCount: 3), rule)
  }

  /// The same for a candidate.
  static func undiagnosed(_ candidate: any Candidate, _ rule: String) throws -> CaseRunner {
    CaseRunner(candidate, Tolerances([try ToleranceRule(parsing: "** = \(rule)", origin: "test")]), diagnoses: false)
  }
}
