import Backends
import Goldens
import Judging
import Mistakes
import RoPE

/// Finds the cause of wrong outputs in one run of a case that stores its tensors.
///
/// The outputs are compared with the right result and with the result of each known mistake, first under the case's
/// budget and then under wider ones. A mistake is named only if it explains every element of a tensor under a budget at
/// which the right result still fails. If the right result fits first, the cause is rounding.
struct CauseSearch {
  private let golden: Golden
  private let budget: Budget
  private let outputs: PerTensor<ElementArray>
  private let unwritten: UInt32?
  private let mutants: [Mutant]
  private let right: MutantComputation

  /// A search on the outputs of one run.
  ///
  /// `outputs` hold `[tokens, heads, D]` of each tensor. `unwritten` is the bit pattern of an element that was not
  /// written, which supports no mistake and no rounding; nil if none shows it. If `followsRight`, an earlier run on the
  /// same inputs was right, and the mistakes that only a later call shows come first.
  ///
  /// - Throws: `CallError` if the golden itself does not give a valid call.
  init(
    _ golden: Golden, budget: Budget, outputs: PerTensor<ElementArray>, unwritten: UInt32?, followsRight: Bool
  ) throws {
    let prepared = try CaseCall(golden)
    guard let call = prepared.call.joint else { throw MutantError.notJoint }
    self.golden = golden
    self.budget = budget
    self.outputs = outputs
    self.unwritten = unwritten
    mutants =
      (followsRight ? Mutant.all.filter(\.isRightAtFirst) : []) + Mutant.all.filter { $0.kind != .integrity }
    right = MutantComputation(golden, call: call, images: prepared.images(), cache: CosSinCache())
  }

  /// A mistake with its computation, and the fit of the computation to the outputs.
  private struct Hypothesis {
    let mutant: Mutant
    let computation: MutantComputation
    let fit: HypothesisFit
  }

  /// The statements on the tensors; none if everything that was written is right.
  func statements() -> [Statement] {
    let truth = fit(right, of: right.indices), all = golden.tensors.map(\.name)
    let tensors = all.filter { !truth.fit($0, budget: budget).holds }
    guard !tensors.isEmpty else { return [] }
    let hypotheses = hypotheses(tensors.map { truth.fit($0, budget: budget) })
    // One mistake may explain all failing tensors; otherwise each has its own.
    if let cause = cause(of: tensors, truth, hypotheses.filter { explainsWell($0, all) }) {
      return [Statement(tensors: tensors, cause: cause)]
    }
    var statements: [Statement] = []
    for tensor in tensors {
      let cause = cause(of: [tensor], truth, hypotheses) ?? place(of: tensor, truth)
      if let last = statements.last, last.cause == cause {
        statements[statements.count - 1] = Statement(tensors: last.tensors + [tensor], cause: cause)
      } else {
        statements.append(Statement(tensors: [tensor], cause: cause))
      }
    }
    return statements
  }

  /// The spread of the errors; an element that was not written is an error.
  ///
  /// Nil if nothing rotates.
  func profile() -> ErrorProfile? {
    let profile = HypothesisFit(right, of: right.indices, outputs: outputs, unwritten: nil).profile(budget: budget)
    return profile.series.isEmpty ? nil : profile
  }

  /// The case's budget, then the other named budgets that describe a way of computing.
  private var budgets: [Budget] {
    [budget] + Budget.named.filter { $0 != budget && $0.isArithmetic }
  }

  /// The mistakes that explain a sample of the failing rows.
  private func hypotheses(_ fits: [HypothesisFit.Fit]) -> [Hypothesis] {
    // The first, a middle and the last failing row of each tensor: most mistakes miss one of them by far.
    let samples = fits.map { fit in
      Array(Set([0, fit.failing.count / 2, fit.failing.count - 1])).sorted().map { fit.failing[$0] }
    }
    return mutants.compactMap { mutant in
      var computation = right
      guard mutant.change(&computation), !computation.isHarmless else { return nil }
      let sampled = fit(computation, of: samples.flatMap { $0 })
      let isPossible = samples.contains { sample in
        sample.first.map { index in budgets.contains { sampled.fit(index.tensor, budget: $0).holds } } ?? false
      }
      guard isPossible else { return nil }
      return Hypothesis(mutant: mutant, computation: computation, fit: fit(computation, of: right.indices))
    }
  }

  private func fit(_ computation: MutantComputation, of indices: [RowIndex]) -> HypothesisFit {
    HypothesisFit(computation, of: indices, outputs: outputs, unwritten: unwritten)
  }

  private func explainsWell(_ hypothesis: Hypothesis, _ tensors: [TensorName]) -> Bool {
    budgets.contains { budget in tensors.allSatisfy { explains(hypothesis.fit.fit($0, budget: budget), budget) } }
  }

  /// Indicates whether a fit explains outputs under a budget; under one wider than the case's, only by limits that do
  /// not allow everything.
  private func explains(_ fit: HypothesisFit.Fit, _ budget: Budget) -> Bool {
    fit.holds && (budget == self.budget || fit.supportsBudget)
  }

  /// The cause that explains some tensors under the tightest budget, or nil.
  private func cause(of tensors: [TensorName], _ truth: HypothesisFit, _ hypotheses: [Hypothesis]) -> Cause? {
    let wider = budgets.first { budget in tensors.allSatisfy { explains(truth.fit($0, budget: budget), budget) } }
    for budget in budgets {
      if budget == wider { return .rounding(budget, like: nil) }
      guard let mistake = mistake(in: tensors, hypotheses, budget) else { continue }
      if let wider, mistake.kind == .precision { return .rounding(wider, like: mistake.known) }
      return .mistake(mistake.known)
    }
    return nil
  }

  /// The mistake that leaves the smallest error under a budget.
  private func mistake(
    in tensors: [TensorName], _ hypotheses: [Hypothesis], _ budget: Budget
  ) -> (kind: Mutant.Kind, known: KnownMistake)? {
    let fitting = hypotheses.compactMap { hypothesis -> (hypothesis: Hypothesis, fits: [HypothesisFit.Fit])? in
      let fits = tensors.map { hypothesis.fit.fit($0, budget: budget) }
      return fits.allSatisfy { explains($0, budget) } ? (hypothesis, fits) : nil
    }
    func severity(_ fits: [HypothesisFit.Fit]) -> Double { fits.map(\.severity).max() ?? 0 }
    guard let best = fitting.min(by: { severity($0.fits) < severity($1.fits) }) else { return nil }
    let mutant = best.hypothesis.mutant
    let same = fitting.map(\.hypothesis).filter {
      $0.mutant.name != mutant.name && $0.fit.isSame(as: best.hypothesis.fit)
    }
    let computed = best.hypothesis.computation.mistakenConvention?.words
    let needed = golden.goldenCase.convention.words
    return (
      mutant.kind,
      KnownMistake(
        name: mutant.name, summary: mutant.summary, bugs: mutant.bugs,
        indistinguishable: same.map(\.mutant.name), residual: best.fits.map(\.residual).max() ?? 0,
        residualSeverity: severity(best.fits),
        computed: computed.map { computed in computed.filter { !needed.contains($0) } },
        needed: computed.map { computed in needed.filter { !computed.contains($0) } })
    )
  }

  /// The regions that hold the failing elements.
  private func place(of tensor: TensorName, _ truth: HypothesisFit) -> Cause {
    let regions = truth.profile(budget: budget).series.filter { $0.tensor == tensor }.compactMap { series in
      let failing = series.groups.filter { $0.failedCount > 0 }
      return failing.isEmpty || failing.count == series.groups.count
        ? nil : Region(axis: series.axis, values: failing.map(\.value), valueCount: series.groups.count)
    }
    return regions.isEmpty ? .unknown : .confined(regions)
  }
}
