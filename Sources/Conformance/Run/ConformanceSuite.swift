import Backends
import Foundation
import Goldens
import Judging

/// The goldens, the tolerances and the settings of a run: from a backend to its report.
///
/// One call goes from a backend to a verdict and three reports:
///
///     let report = try ConformanceSuite().run(MyBackend(), cases: ["*/f32/*/position"])
///     print(report.conclusion)
///     try report.write(json: "report.jsonl", junit: "report.xml", html: "report.html")
///
/// In tests, a case at a time:
///
///     let suite = Result { try ConformanceSuite() }
///
///     @Test(arguments: try suite.get().caseNames("*/f32/*/position"))
///     func conforms(_ name: String) throws {
///       let report = try suite.get().report(on: name, of: MyBackend())
///       #expect(report.outcome == .conforms, "\(report.text)")
///     }
///
/// A case that the backend does not support does not conform; choose the cases by their names.
///
/// Whatever a backend does wrong is part of the report. The suite throws only if it cannot judge. No type of these errors
/// is public, so that later versions can tell more of them apart: print the error, whose description is for people.
public struct ConformanceSuite: Sendable {
  package let library: CaseLibrary
  package let tolerances: Tolerances
  private let runCount: Int
  /// Shared by all backends of the suite, so that no launch proves two cases.
  private let launches = LaunchLedger()

  /// The folder of this package, with its goldens and tolerances.
  package static let packageFolder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().path

  /// The goldens and tolerances of this package, unless the environment names others: `ROPE_FIXTURES`,
  /// `ROPE_TOLERANCES_FILE`, `ROPE_PROFILE`, `ROPE_TOLERANCES`, `ROPE_RUNS`.
  ///
  /// - Parameters:
  ///   - tolerances: Rules `cases = budget because reason`, which follow those of file and environment. The last rule
  ///     that matches a case wins.
  ///   - profile: The name of a set of rules for one kind of kernel, such as `float32-angles`; `rope-conformance budgets`
  ///     shows them. If nil, the environment or the tolerances file gives it, otherwise it is `strict`.
  ///   - includesLarge: True to include cases of millions of elements and more; some need gigabytes of memory.
  /// - Throws: An error if settings or goldens cannot be used.
  public init(tolerances: [String] = [], profile: String? = nil, includesLarge: Bool = false) throws {
    let settings = try Settings(
      environment: ProcessInfo.processInfo.environment,
      flags: Settings.Flags(tolerances: tolerances, profile: profile), defaults: .ofLibrary)
    try self.init(settings, tier: includesLarge ? .full : .standard)
  }

  /// Uses the goldens and tolerances that settings choose.
  ///
  /// - Throws: an error if goldens cannot be used, and `ToleranceError` if a rule matches no case.
  package init(_ settings: Settings, tier: CaseLibrary.Tier = .standard) throws {
    library = try CaseLibrary(Fixtures(path: settings.fixtures), tier: tier)
    tolerances = settings.tolerances
    runCount = settings.runCount
    try tolerances.check(against: library.entries.map(\.name))
  }

  /// The names of the cases that match a pattern, in order.
  ///
  /// - Parameter pattern: A name, or the first components of names. `*` stands for any characters except `/`, `**` for
  ///   any characters, and `{a,b}` for either text.
  /// - Returns: The names; none if nothing matches.
  /// - Throws: An error if the pattern has a brace without a partner.
  public func caseNames(_ pattern: String = "**") throws -> [String] {
    let pattern = try CasePattern(pattern)
    return library.entries.map(\.name).filter(pattern.matches)
  }

  /// Runs a backend on cases, on all cores.
  ///
  /// - Parameters:
  ///   - backend: The backend to judge.
  ///   - cases: Patterns of the cases' names, as in ``caseNames(_:)``; all cases without one.
  ///   - excluded: Patterns of cases to leave out.
  ///   - diagnoses: True to compare each case that fails with known mistakes.
  /// - Returns: The report of all cases.
  /// - Throws: An error if a pattern matches no case, no case is left, or a golden cannot be used.
  public func run(
    _ backend: some RoPEBackend, cases: [String] = [], excluding excluded: [String] = [], diagnoses: Bool = true
  ) throws -> RunReport {
    let words = NameFilter.Words(pattern: "pattern", excluded: "excluded pattern", list: "caseNames()")
    let selection = try CaseSelection(NameFilter(cases, excluding: excluded, words: words), from: library)
    return try run(backend, on: selection, diagnoses: diagnoses)
  }

  /// The same for cases that were selected before; `take` is that of ``ConformanceRun/run(_:)``.
  package func run(
    _ backend: some RoPEBackend, on selection: CaseSelection, diagnoses: Bool,
    _ take: (CaseReport) throws -> Void = { _ in }
  ) throws -> RunReport {
    try ConformanceRun(candidate(backend), on: selection, of: library, tolerances, diagnoses: diagnoses).run(take)
  }

  /// Runs a backend on one case.
  ///
  /// - Parameters:
  ///   - name: The name of the case, as ``caseNames(_:)`` gives it.
  ///   - backend: The backend to judge.
  /// - Returns: The report, with a diagnosis if the case fails.
  /// - Throws: An error if there is no such case, or its golden cannot be used.
  public func report(on name: String, of backend: some RoPEBackend) throws -> CaseReport {
    try report(on: library.golden(named: name), of: backend)
  }

  /// The same for a golden of the library.
  package func report(on golden: Golden, of backend: some RoPEBackend, diagnoses: Bool = true) throws -> CaseReport {
    try CaseRunner(candidate(backend), tolerances, diagnoses: diagnoses).report(on: golden)
  }

  private func candidate(_ backend: some RoPEBackend) -> LiveCandidate {
    LiveCandidate(backend, runCount: runCount, launches: launches)
  }
}
