import Backends
import Diagnosis
import Goldens
import Judging
import RoPE

/// Judges a candidate on cases.
package struct ConformanceRun: Sendable {
  private let runner: CaseRunner
  private let library: CaseLibrary
  private let tolerances: Tolerances
  private let selection: CaseSelection
  private let origin: RunOrigin?

  /// Prepares a run.
  ///
  /// `origin` is the command that starts it. `diagnoses` says whether failing cases are compared with known
  /// mistakes.
  package init(
    _ candidate: any Candidate, on selection: CaseSelection, of library: CaseLibrary, _ tolerances: Tolerances,
    origin: RunOrigin? = nil, diagnoses: Bool = true
  ) {
    runner = CaseRunner(candidate, tolerances, diagnoses: diagnoses)
    self.library = library
    self.tolerances = tolerances
    self.selection = selection
    self.origin = origin
  }

  /// The facts of the run that are known before its first case.
  package var header: RunHeader {
    let candidate = runner.candidate
    return RunHeader(
      backend: .init(name: candidate.name, device: candidate.deviceName, summary: candidate.summary),
      origin: origin, profile: tolerances.profile.name, tolerances: tolerances.rules,
      goldens: library.fixtures.checksum,
      shard: selection.shard, totalCaseCount: selection.totalCount, caseCount: selection.entries.count,
      notChecked: candidate.notChecked(of: selection.entries))
  }

  /// Judges the cases on all cores.
  ///
  /// Computed cases of more than 2^24 elements come last, one at a time: each uses all cores, and some need gigabytes.
  ///
  /// `take` receives each case as soon as all earlier ones are done, on one thread at a time.
  ///
  /// - Throws: an error if a golden cannot be used, and any error of `take`.
  package func run(_ take: (CaseReport) throws -> Void = { _ in }) throws -> RunReport {
    var report = RunReport(header)
    func add(_ result: CaseReport) throws {
      report.add(result)
      try take(result)
    }
    let names = selection.entries.map(\.name), large = library.largeCases
    try OrderedWork.forEach(names.filter { !large.contains($0) }, compute: { try result($0) }, take: add)
    for name in names where large.contains(name) { try add(result(name)) }
    report.note(problems: runner.candidate.problems)
    return report
  }

  private func result(_ name: String) throws -> CaseReport {
    let start = ContinuousClock.now
    return try runner.report(on: library.golden(named: name), since: start)
  }
}

/// Judges a candidate case by case.
package struct CaseRunner: Sendable {
  package let candidate: any Candidate
  private let judging: CaseJudging

  /// `diagnoses` says whether failing cases are compared with known mistakes.
  package init(_ candidate: any Candidate, _ tolerances: Tolerances, diagnoses: Bool = true) {
    self.candidate = candidate
    judging = CaseJudging(tolerances, diagnoses: diagnoses)
  }

  /// The report on one case, which includes the candidate's errors.
  ///
  /// - Throws: an error if the golden itself cannot be used, no rule matches its case, or the system refuses what a run
  ///   needs.
  package func report(on golden: Golden, since start: ContinuousClock.Instant = .now) throws -> CaseReport {
    try judging.report(on: golden, try candidate.outputs(of: golden), since: start)
  }
}

/// Judges the outputs of cases, whoever has them.
package struct CaseJudging: Sendable {
  private let tolerances: Tolerances
  private let diagnoses: Bool
  /// The elements of a case up to which its truth is computed once and kept, which takes up to 32 MB, until the case is judged.
  private static let keptElementCount = 1 << 20

  /// `diagnoses` says whether failing cases are compared with known mistakes.
  package init(_ tolerances: Tolerances, diagnoses: Bool = true) {
    self.tolerances = tolerances
    self.diagnoses = diagnoses
  }

  /// The report on the outputs of one case.
  ///
  /// - Throws: as ``CaseRunner/report(on:since:)``.
  package func report(
    on golden: Golden, _ outputs: CandidateOutputs, since start: ContinuousClock.Instant = .now
  ) throws -> CaseReport {
    let judge = Judge(try tolerances.rule(for: golden.goldenCase.name), profile: tolerances.profile)
    let golden = golden.goldenCase.elementCount <= Self.keptElementCount ? try golden.keepingTruth() : golden
    switch outputs {
    case .unsupported(let reason): return report(judge.unsupported(golden, reason: reason), nil, of: golden, start)
    case .failed(let reason): return report(judge.failed(golden, reason: reason), nil, of: golden, start)
    case .outputs(let outputs):
      let verdict = try judge.verdict(on: golden, outputs)
      let diagnosis =
        diagnoses && verdict.outcome == .fails
        ? try Diagnostician().diagnosis(of: verdict, on: golden, outputs) : nil
      return report(verdict, diagnosis, of: golden, start)
    }
  }

  private func report(
    _ verdict: Verdict, _ diagnosis: Diagnosis?, of golden: Golden, _ start: ContinuousClock.Instant
  ) -> CaseReport {
    CaseReport(
      verdict, diagnosis: diagnosis, convention: golden.goldenCase.convention.words,
      otherProfiles: verdict.outcome == .fails ? otherProfiles(verdict).map(\.name) : [],
      seconds: (ContinuousClock.now - start) / .seconds(1))
  }

  /// The profiles under which a failing case would conform.
  private func otherProfiles(_ verdict: Verdict) -> [Profile] {
    // The rule of the case was found before, so another profile has one as well.
    Profile.all.filter { $0 != tolerances.profile && (try? verdict.conforms(to: $0, tolerances)) == true }
  }
}
