public import Backends
public import Goldens

/// Runs a backend on goldens and judges its outputs.
public struct ConformanceRun: Sendable {
  /// The backend under test.
  public let backend: any RoPEBackend

  private let evidence: EvidenceCheck
  private let diagnoses: Bool

  /// A run of one backend. Evidence counts once in it, so that no launch proves two calls.
  ///
  /// - Parameter diagnoses: whether a case that fails is compared with known mistakes.
  public init(backend: any RoPEBackend, diagnoses: Bool = true) {
    self.backend = backend
    self.diagnoses = diagnoses
    evidence = EvidenceCheck(backend)
  }

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
          diagnoses: diagnoses
        ).run()
      case .sampled(let rows):
        try SampledCaseRun(
          golden: golden, rows: rows, backend: backend, evidence: evidence, budget: rule.budget, diagnoses: diagnoses
        ).run()
      }
    return Verdict(
      caseName: golden.goldenCase.name, section: golden.goldenCase.section,
      elementType: golden.goldenCase.elementType, rule: rule, accuracy: result.accuracy, violations: result.violations,
      unsupportedReason: result.unsupportedReason, grade: result.accuracy?.grade, diagnosis: result.diagnosis,
      profile: result.profile)
  }
}
