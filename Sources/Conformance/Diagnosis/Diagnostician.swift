import Goldens
import RoPE

/// Finds what is wrong with the outputs of a case that fails.
///
/// Under the case's budget, and then under wider ones, the outputs are compared with the right result and with what each
/// known mistake computes. A mistake is named only where it explains every element of a tensor within a budget under
/// which the right result does not; where the right result holds first, the outputs suffer from rounding.
struct Diagnostician {
  let golden: Golden
  let budget: Budget
  let outputs: Outputs
  /// The bits of an element that was not written, which supports no mistake and no rounding; nil where no bits say so.
  let unwritten: UInt32?
  private let mutants: [Mutant]
  private let right: Computation

  /// - Parameters:
  ///   - call: the call of the case.
  ///   - memory: the bytes of its buffers before it.
  ///   - unwritten: the bits of an element that was not written; nil where no bits say so.
  ///   - followsRight: whether an earlier run on the same inputs was right. Then the mistakes that only a later call shows
  ///     come first.
  /// - Returns: nil for a case that does not store its tensors.
  init?(
    _ golden: Golden, budget: Budget, call: RotationCall, memory: [[UInt8]], outputs: Outputs, unwritten: UInt32?,
    followsRight: Bool
  ) {
    guard let right = Computation(golden, call: call, memory: memory, cache: CosSinCache()) else { return nil }
    self.golden = golden
    self.budget = budget
    self.outputs = outputs
    self.unwritten = unwritten
    mutants =
      (followsRight ? Mutant.all.filter(\.isRightAtFirst) : []) + Mutant.all.filter { $0.kind != .integrity }
    self.right = right
  }

  /// A mistake with what it computes.
  private struct Hypothesis {
    let mutant: Mutant
    let computation: Computation
    let explanation: Explanation
  }

  /// Nil where all that was written is right.
  ///
  /// - Complexity: a few rows for each mistake, and all rows for each that explains these.
  func diagnosis() -> Diagnosis? {
    let truth = explanation(right, of: right.places)
    let tensors = [TensorName.query, .key].filter { !truth.fit($0, budget: budget).holds }
    guard !tensors.isEmpty else { return nil }
    let hypotheses = hypotheses(tensors.map { truth.fit($0, budget: budget) })
    // One mistake in both tensors, or two.
    if let cause = cause(of: tensors, truth, hypotheses.filter { explainsWell($0, [.query, .key]) }) {
      return Diagnosis(statements: [.init(tensors: tensors, cause: cause)])
    }
    var statements: [Diagnosis.Statement] = []
    for tensor in tensors {
      let cause = cause(of: [tensor], truth, hypotheses) ?? place(of: tensor, truth)
      if let last = statements.last, last.cause == cause {
        statements[statements.count - 1] = .init(tensors: last.tensors + [tensor], cause: cause)
      } else {
        statements.append(.init(tensors: [tensor], cause: cause))
      }
    }
    return Diagnosis(statements: statements)
  }

  /// How the errors of the case spread.
  func profile() -> ErrorProfile {
    Explanation(right, of: right.places, outputs: outputs, unwritten: nil).profile(budget: budget)
  }

  /// The case's budget and the wider ones that a known way of computing has.
  private var budgets: [Budget] {
    [budget] + Budget.named.filter { $0 != budget && $0.isArithmetic }
  }

  /// The mistakes that explain a sample of what fails.
  private func hypotheses(_ fits: [Explanation.Fit]) -> [Hypothesis] {
    // Of each tensor the first, the last and a row between: most mistakes miss one of them by far.
    let samples = fits.map { fit in
      Array(Set([0, fit.failing.count / 2, fit.failing.count - 1])).sorted().map { fit.failing[$0] }
    }
    return mutants.compactMap { mutant in
      var computation = right
      guard mutant.change(&computation) else { return nil }
      let explanation = explanation(computation, of: samples.flatMap { $0 })
      let isPossible = samples.contains { sample in
        sample.first.map { place in budgets.contains { explanation.fit(place.tensor, budget: $0).holds } } ?? false
      }
      guard isPossible else { return nil }
      return Hypothesis(
        mutant: mutant, computation: computation, explanation: self.explanation(computation, of: right.places))
    }
  }

  private func explanation(_ computation: Computation, of places: [Computation.Place]) -> Explanation {
    Explanation(computation, of: places, outputs: outputs, unwritten: unwritten)
  }

  private func explainsWell(_ hypothesis: Hypothesis, _ tensors: [TensorName]) -> Bool {
    budgets.contains { budget in tensors.allSatisfy { hypothesis.explanation.fit($0, budget: budget).holds } }
  }

  /// What explains some tensors under the tightest budget, or nil.
  private func cause(
    of tensors: [TensorName], _ truth: Explanation, _ hypotheses: [Hypothesis]
  ) -> Diagnosis.Cause? {
    let wider = budgets.first { budget in tensors.allSatisfy { truth.fit($0, budget: budget).holds } }
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
  ) -> (kind: Mutant.Kind, known: Diagnosis.KnownMistake)? {
    let fitting = hypotheses.compactMap { hypothesis -> (hypothesis: Hypothesis, fits: [Explanation.Fit])? in
      let fits = tensors.map { hypothesis.explanation.fit($0, budget: budget) }
      return fits.allSatisfy(\.holds) ? (hypothesis, fits) : nil
    }
    func severity(_ fits: [Explanation.Fit]) -> Double { fits.map(\.severity).max() ?? 0 }
    guard let best = fitting.min(by: { severity($0.fits) < severity($1.fits) }) else { return nil }
    let mutant = best.hypothesis.mutant
    let same = fitting.map(\.hypothesis).filter {
      $0.mutant.name != mutant.name && $0.explanation.isSame(as: best.hypothesis.explanation)
    }
    return (
      mutant.kind,
      Diagnosis.KnownMistake(
        name: mutant.name, summary: mutant.summary, bugs: mutant.bugs,
        indistinguishable: same.map(\.mutant.name),
        convention: best.hypothesis.computation.mistakenConvention.map {
          Diagnosis.Mistaken(computed: $0, needed: golden.goldenCase.convention)
        },
        residual: best.fits.map(\.residual).max() ?? 0,
        residualSeverity: severity(best.fits))
    )
  }

  /// Where the elements are that fail.
  private func place(of tensor: TensorName, _ truth: Explanation) -> Diagnosis.Cause {
    let places = truth.profile(budget: budget).series.filter { $0.tensor == tensor }.compactMap { series in
      let failing = series.groups.filter { $0.failedCount > 0 }
      return failing.isEmpty || failing.count == series.groups.count
        ? nil : Diagnosis.Place(axis: series.axis, values: failing.map(\.value), valueCount: series.groups.count)
    }
    return places.isEmpty ? .unknown : .confined(places)
  }
}

extension Budget {
  /// Whether it follows from a way of computing.
  var isArithmetic: Bool { if case .arithmetic = bound { true } else { false } }
}
