import Backends
import CRoPEBackend
import CRoPEJudge
import Conformance
import Foundation
import Goldens
import Judging
import Reports
import RoPE

/// Goldens, rules and selected cases: what a `rope_judge` stands for.
final class OpenedJudge: Sendable {
  private let suite: ConformanceSuite
  private let selection: CaseSelection
  private let diagnoses: Bool
  private let applyMayRefuse: Bool
  private let goldens: RecentGoldens

  /// - Throws: ``JudgeError``, and the errors of settings and goldens.
  init(_ settings: JudgeSettings) throws {
    let environment = ProcessInfo.processInfo.environment
    suite = try ConformanceSuite(
      Settings(environment: environment, flags: settings.flags, defaults: .ofLibrary), tier: settings.tier)
    let words = NameFilter.Words(pattern: "cases", excluded: "exclude", list: "rope_judge_case_names()")
    selection = try CaseSelection(
      NameFilter(settings.cases, excluding: settings.exclude, words: words), from: suite.library)
    diagnoses = settings.diagnoses
    applyMayRefuse = settings.applyMayRefuse
    goldens = RecentGoldens(suite.library)
  }

  /// The names of the selected cases, in order.
  var caseNames: [String] { selection.entries.map(\.name) }

  /// The facts of a case, selected or not, or of the twin of an invalid one.
  func description(of name: String) throws -> CaseDescription {
    CaseDescription(try suite.library.goldenCase(named: name), try suite.tolerances.rule(for: name))
  }

  /// The backend of a caller's functions and memory.
  func backend(
    _ backend: UnsafePointer<rope_backend>, _ memory: UnsafePointer<rope_memory>?
  ) throws(InterfaceError) -> CallerBackend {
    try CallerBackend(backend, memory: memory, mayRefuse: applyMayRefuse)
  }

  /// Runs a backend on the selected cases; `take` receives each as soon as all earlier ones are done.
  func run(_ backend: CallerBackend, _ take: (CaseReport) throws -> Void) throws -> RunReport {
    try suite.run(backend, on: selection, diagnoses: diagnoses, take)
  }

  /// Runs a backend on one case, selected or not.
  func check(_ name: String, _ backend: CallerBackend) throws -> CaseReport {
    try suite.report(on: goldens.golden(named: name), of: backend, diagnoses: diagnoses)
  }

  /// Opens a case, selected or not, for a caller that computes its outputs.
  func open(_ name: String) throws -> JudgedCase {
    let golden = try goldens.golden(named: name)
    return JudgedCase(
      try OpenCase(golden), CaseJudging(suite.tolerances, diagnoses: diagnoses),
      try suite.tolerances.rule(for: golden.goldenCase.name))
  }
}

/// A case and the way it is judged: what a `rope_case` stands for.
final class JudgedCase {
  let opened: OpenCase
  private let judging: CaseJudging
  /// The rule that gives the limits.
  let rule: ToleranceRule

  init(_ opened: OpenCase, _ judging: CaseJudging, _ rule: ToleranceRule) {
    self.opened = opened
    self.judging = judging
    self.rule = rule
  }

  /// Judges the outputs of a run that the caller carried out.
  func report(_ outputs: any OutputSource) throws -> CaseReport {
    try judging.report(on: opened.golden, .outputs(outputs))
  }
}
