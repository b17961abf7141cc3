public import Backends
import Foundation
public import Goldens

/// The goldens on one backend, for tests: the names of the cases as arguments, and the verdict on each.
///
///     let suite = Result { try ConformanceSuite(of: MyBackend()) }
///
///     @Test(arguments: try suite.get().caseNames())
///     func conforms(_ name: String) throws {
///       let verdict = try suite.get().verdict(on: name)
///       #expect(verdict.outcome == .conforms, "\(verdict.text)")
///     }
///
/// A case that the backend does not support does not conform; choose the cases by their names.
public struct ConformanceSuite: Sendable {
  private let fixtures: Fixtures
  private let tolerances: Tolerances
  private let judge: any CaseJudge & Sendable

  /// The folder of this package, with its goldens and tolerances.
  public static let packageFolder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().path

  /// The goldens and tolerances of this package, unless the environment names others: `ROPE_FIXTURES`,
  /// `ROPE_TOLERANCES_FILE`, `ROPE_TOLERANCES`, `ROPE_RUNS`.
  ///
  /// - Parameter tolerances: rules `cases = budget because reason` behind those of file and environment.
  /// - Throws: ``ToleranceError``, or `GoldenError` where there are no goldens.
  public init(of backend: any RoPEBackend, tolerances: [String] = []) throws {
    let settings = try Settings(
      environment: ProcessInfo.processInfo.environment, flags: Settings.Flags(tolerances: tolerances),
      root: Self.packageFolder)
    let run = ConformanceRun(backend: backend, runCount: settings.runCount)
    try self.init(run, fixtures: Fixtures(path: settings.fixtures), settings)
  }

  /// Goldens and a judge, as settings choose them.
  ///
  /// - Throws: ``ToleranceError`` where a rule fits no case.
  public init(_ judge: any CaseJudge & Sendable, fixtures: Fixtures, _ settings: Settings) throws {
    self.judge = judge
    self.fixtures = fixtures
    tolerances = settings.tolerances
    try tolerances.check(against: fixtures.manifest.cases.map(\.name))
  }

  /// The names of the cases that fit a pattern, in the order of the manifest: `*` is any run of characters but `/`, `**` any
  /// run at all.
  public func caseNames(_ pattern: String = "**") -> [String] {
    fixtures.manifest.cases.map(\.name).filter(CasePattern(pattern).matches)
  }

  /// The verdict on one case; whatever the backend does wrong is part of it.
  ///
  /// - Throws: where the golden itself cannot be used.
  public func verdict(on name: String) throws -> Verdict {
    try judge.verdict(on: fixtures.golden(named: name), rule: tolerances.rule(for: name))
  }
}
