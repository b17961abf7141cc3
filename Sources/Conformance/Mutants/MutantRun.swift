import Goldens

/// Judges a known mistake as if it were a backend: each case has one of its own, which knows the case's convention.
struct MutantRun: CaseJudge, Sendable {
  let mutant: Mutant
  let runCount: Int

  var name: String { mutant.backendName }
  var deviceName: String? { nil }
  var summary: String { mutant.backendSummary }
  var problems: [String] { [] }
  var notChecked: [String] { [] }

  func verdict(on golden: Golden, rule: ToleranceRule) throws -> Verdict {
    try ConformanceRun(backend: MutantBackend(mutant, golden: golden), runCount: runCount)
      .verdict(on: golden, rule: rule)
  }
}
