import Goldens
import RoPE

/// Judges outputs by the truth of their case, slab by slab, whatever the source of either.
package struct Judge: Sendable {
  private let rule: ToleranceRule
  private let profile: Profile

  /// - Parameters:
  ///   - rule: gives the budget that accuracy is judged by.
  ///   - profile: gives the budget that a looser one is announced against.
  package init(_ rule: ToleranceRule, profile: Profile = .strict) {
    self.rule = rule
    self.profile = profile
  }

  /// The verdict on a case: the accuracy of the first run, the violations in any run, and how later runs differ.
  ///
  /// Besides the truth and the outputs themselves, only slabs are in memory.
  ///
  /// The outputs of an invalid case are its twin's. Only if they are right does it count whether the invalid call was
  /// refused; otherwise the case is unsupported.
  ///
  /// - Throws: an error if the golden itself cannot be used, or the system refuses a resource that a run needs.
  package func verdict(on golden: Golden, _ outputs: some OutputSource) throws -> Verdict {
    let verdict = try verdictOnOutputs(golden, outputs)
    guard let value = golden.refusedValue else { return verdict }
    guard verdict.outcome == .conforms else {
      return unsupported(
        golden, reason: "the same call without \(value) is not carried out right, so that a refusal shows nothing")
    }
    return self.verdict(on: golden, outputs, verdict.accuracy, remarks: verdict.remarks, try outputs.refusal())
  }

  private func verdictOnOutputs(_ golden: Golden, _ outputs: some OutputSource) throws -> Verdict {
    try golden.truth.verify()
    var violations: [Violation] = []
    do {
      let findings = try judgedRuns(golden, outputs, &violations)
      return verdict(on: golden, outputs, findings?.accuracy, remarks: findings?.remarks ?? [], violations)
    } catch let error as OutputError {
      return verdict(on: golden, outputs, nil, violations + [.backendFailed(message: error.description)])
    } catch let refusal as LateRefusal {
      return unsupported(golden, reason: refusal.reason)
    }
  }

  /// The verdict on a case that the backend does not support.
  package func unsupported(_ golden: Golden, reason: String) -> Verdict {
    Verdict(
      golden.goldenCase, rule: rule, profile: profile, accuracy: nil, violations: [], unsupportedReason: reason,
      deviceWork: nil)
  }

  /// The verdict on a case that has no outputs.
  package func failed(_ golden: Golden, reason: String) -> Verdict {
    Verdict(
      golden.goldenCase, rule: rule, profile: profile, accuracy: nil, violations: [.backendFailed(message: reason)],
      unsupportedReason: nil, deviceWork: nil)
  }

  private func verdict(
    on golden: Golden, _ outputs: some OutputSource, _ accuracy: Accuracy?, remarks: [Remark] = [],
    _ violations: [Violation]
  ) -> Verdict {
    Verdict(
      golden.goldenCase, rule: rule, profile: profile, accuracy: accuracy, violations: violations, remarks: remarks,
      unsupportedReason: nil, deviceWork: outputs.deviceWork, reach: accuracy == nil ? nil : Reach(golden))
  }

  /// Runs the case as often as its outputs require.
  ///
  /// - Returns: the findings on the first run; nil if it gave no outputs.
  private func judgedRuns(
    _ golden: Golden, _ outputs: some OutputSource, _ violations: inout [Violation]
  ) throws -> RunFindings? {
    let outcome = try outputs.perform(run: 1)
    violations.addNew(outcome.violations)
    guard outcome.hasOutputs else { return nil }
    let first = try RunFindings(golden, outputs, run: 1, rule)
    violations.addNew(first.missing)
    if outputs.runCount > 1 { try outputs.keep(run: 1) }
    var comparisons = golden.tensors.map { RunComparison($0, headDimension: golden.plan.headDimension) }
    var later: (run: Int, findings: RunFindings)?, isWritten = first.missing.isEmpty
    for run in 2..<max(2, outputs.runCount + 1) {
      let outcome = try outputs.perform(run: run)
      violations.addNew(outcome.violations)
      guard outcome.hasOutputs else { break }
      var missing: [Violation] = []
      for (index, tensor) in golden.tensors.enumerated() {
        missing += try comparisons[index].compare(run: run, outputs).missing(in: tensor.name)
      }
      // One report is enough: the next run mostly leaves out the same elements.
      if isWritten { violations.addNew(missing) }
      isWritten = isWritten && missing.isEmpty
      if later == nil, comparisons.contains(where: { $0.firstDifferent == run }) {
        later = (run, try RunFindings(golden, outputs, run: run, rule))
        try outputs.keep(run: run)
      }
    }
    for (index, tensor) in golden.tensors.enumerated() {
      // The run that was judged may not be the first that differs in this tensor.
      let judged = comparisons[index].firstDifferent == later?.run ? later?.findings : nil
      let counts = judged.map {
        RunDisagreement.WrongCounts(first: first.wrongCount(in: tensor.name), later: $0.wrongCount(in: tensor.name))
      }
      if let found = comparisons[index].disagreement(counts) {
        violations.append(.notRepeatable(tensor: tensor.name, found))
      }
    }
    violations += first.violations
    if first.isRight, let later { violations.addNew(later.findings.violations) }
    return first
  }
}

/// Findings on the outputs of one run, without regard to other runs.
private struct RunFindings {
  private let tensors: [(name: TensorName, findings: TensorFindings)]
  /// Violations in the outputs, apart from elements that were not written.
  let violations: [Violation]
  let remarks: [Remark]

  init(_ golden: Golden, _ outputs: some OutputSource, run: Int, _ rule: ToleranceRule) throws {
    let type = golden.goldenCase.elementType
    let extents = golden.tensors
    let threads = try Slabs(extents, headDimension: golden.plan.headDimension).forEach(
      worker: { extents.map { TensorJudge(golden, $0, rule, unwritten: outputs.unwritten) } }
    ) { judges, tensor, tokens in
      judges[tensor].judge(tokens, try outputs.rows(run: run, extents[tensor].name, tokens))
    }
    tensors = extents.enumerated().map { tensor, extent in
      (extent.name, threads.reduce(into: TensorFindings()) { $0.merge($1[tensor].findings) })
    }
    func bits(_ bits: UInt32) -> ElementBits { ElementBits(type: type, bits: bits) }
    let notCopied = tensors.compactMap { name, found in
      found.copies.first.map {
        Violation.notCopied(
          tensor: name, count: found.copies.count, first: $0.element, expected: bits($0.expected),
          actual: bits($0.actual))
      }
    }
    let unequal = try golden.tensors.flatMap { try EqualRows(golden, $0).violations(run: run, outputs) }
    let canStray = tensors.contains(where: \.findings.hasNonFiniteInput)
    let notConfined = tensors.compactMap { name, found in
      canStray
        ? found.strays.first.map {
          Violation.notConfined(
            tensor: name, count: found.strays.count, first: $0.element, actual: bits($0.actual))
        } : nil
    }
    violations = notCopied + unequal + notConfined
    remarks = tensors.flatMap { name, found in
      [(Remark.Kind.payload, found.payloads), (.overflow, found.overflows)].compactMap { kind, tally in
        tally.first.map {
          Remark(
            kind, tensor: name, count: tally.count, first: $0.element, expected: bits($0.expected),
            actual: bits($0.actual))
        }
      }
    }
  }

  /// The accuracy of all tensors together.
  var accuracy: Accuracy { tensors.reduce(into: Accuracy()) { $0.merge($1.findings.accuracy) } }

  var missing: [Violation] { tensors.flatMap { $0.findings.missing.missing(in: $0.name) } }

  /// True if nothing is wrong in the outputs.
  var isRight: Bool { accuracy.conforms && violations.isEmpty && missing.isEmpty }

  func wrongCount(in tensor: TensorName) -> Int { tensors.first { $0.name == tensor }?.findings.wrongCount ?? 0 }
}

extension ElementTally {
  /// The violation for elements that were not written, if there are any.
  fileprivate func missing(in tensor: TensorName) -> [Violation] {
    first.map { [.notWritten(tensor: tensor, count: count, first: $0.element)] } ?? []
  }
}
