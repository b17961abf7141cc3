public import Backends
public import Goldens

/// Gives verdicts on cases, wherever their outputs come from.
public protocol CaseJudge {
  /// The name of the backend that reports use, such as `hip`.
  var name: String { get }
  /// The device that did the work, as far as it is known.
  var deviceName: String? { get }
  /// One line for people: implementation and device.
  var summary: String { get }
  /// What is wrong so far beside the cases, a sentence each; whoever reports must not call such a run conforming.
  var problems: [String] { get }

  /// What this judge cannot see, a sentence each, so that nobody takes it for passed.
  var notChecked: [String] { get }

  /// The verdict on one case.
  ///
  /// Whatever the backend does wrong is part of the verdict.
  ///
  /// - Throws: where the golden itself cannot be used, or the system refuses what the judge needs.
  func verdict(on golden: Golden, rule: ToleranceRule) throws -> Verdict
}

/// Runs a backend on goldens and judges its outputs.
public struct ConformanceRun: CaseJudge, Sendable {
  /// The backend under test.
  public let backend: any RoPEBackend
  /// How often each case is run, to find races and state.
  public let runCount: Int

  private let evidence: EvidenceCheck
  private let diagnoses: Bool

  /// A run of one backend. Evidence counts once in it, so that no launch proves two calls.
  ///
  /// - Parameters:
  ///   - runCount: at least 1; with 1, no race is found.
  ///   - diagnoses: whether a case that fails is compared with known mistakes.
  public init(backend: any RoPEBackend, runCount: Int = Settings.defaultRunCount, diagnoses: Bool = true) {
    precondition(runCount >= 1, "runCount must be at least 1, but is \(runCount)")
    self.backend = backend
    self.runCount = runCount
    self.diagnoses = diagnoses
    evidence = EvidenceCheck(backend)
  }

  public var problems: [String] { [] }
  public var notChecked: [String] {
    (runCount > 1 ? [] : ["races: each case is run once"])
      + (deviceName == nil ? ["which device did the work: the backend's word is all there is"] : [])
  }
  public var name: String { backend.name }
  public var deviceName: String? { backend.deviceName }
  public var summary: String { backend.summary }

  /// The verdict on one case.
  ///
  /// A backend that throws has failed the case; that is part of the verdict.
  ///
  /// - Throws: `CallError` or ``GoldenError`` where the golden itself cannot be used.
  public func verdict(on golden: Golden, rule: ToleranceRule) throws -> Verdict {
    let result =
      switch golden.content {
      case .stored(let tensors):
        try StoredCaseRun(
          golden: golden, tensors: tensors, backend: backend, evidence: evidence, budget: rule.budget,
          diagnoses: diagnoses, runCount: runCount
        ).run()
      case .sampled(let rows):
        try SampledCaseRun(
          golden: golden, rows: rows, backend: backend, evidence: evidence, budget: rule.budget, diagnoses: diagnoses,
          runCount: runCount
        ).run()
      }
    return Verdict(result, on: golden, rule: rule)
  }
}

extension Verdict {
  init(_ result: CaseResult, on golden: Golden, rule: ToleranceRule) {
    self.init(
      caseName: golden.goldenCase.name, section: golden.goldenCase.section,
      elementType: golden.goldenCase.elementType, rule: rule, accuracy: result.accuracy, violations: result.violations,
      unsupportedReason: result.unsupportedReason, grade: result.accuracy?.grade, diagnosis: result.diagnosis,
      profile: result.profile, deviceWork: result.deviceWork)
  }
}
