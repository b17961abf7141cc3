import Foundation
import Goldens
import Judging
import Mistakes
import RoPE

/// Finds the cause of wrong outputs in one run.
///
/// In this order, the first that explains the outputs counts: a known mistake under the case's budget; changes that are
/// measured in the outputs; a known mistake under a wider budget; rounding, if the right result fits a wider budget and
/// errors are spread; two changes at once. In each step, a cause of all tensors comes before one of each. An explanation
/// must bring the largest error down by ``Measurement/explainingFactor``, and rows of all tokens must confirm it. What
/// remains is the place of the errors.
final class CauseSearch {
  private let examination: Examination
  private let mistakes: MistakeSearch?
  private let hypotheses: [MistakeSearch.Hypothesis]
  /// The samples that confirm what kept rows show, once they were asked for.
  private var confirmingSamples: [TensorName: RowSample] = [:]

  /// A search in an examined run; see ``MistakeSearch/init(_:followsRight:)``.
  init(_ examination: Examination, followsRight: Bool) throws {
    self.examination = examination
    mistakes = try examination.failing.isEmpty ? nil : MistakeSearch(examination, followsRight: followsRight)
    hypotheses = mistakes?.hypotheses() ?? []
  }

  /// The statements on the tensors; none if everything that was written is right.
  ///
  /// - Throws: ``OutputError``.
  func statements() throws -> [Statement] {
    let failing = examination.failing
    guard !failing.isEmpty else { return [] }
    func joint(_ cause: Cause) throws -> [Statement] {
      let measured = cause.isRounding ? [] : try failing.compactMap(measured)
      let alternatives = measured.count == failing.count ? measured.commonChanges : []
      return [Statement(tensors: failing.map(\.name), cause: cause, alternatives: alternatives)]
    }
    if let cause = try mistake(in: failing, [examination.budget]) { return try joint(cause) }
    let precise = try failing.map(preciseStatements)
    guard precise.contains(where: \.isEmpty) else { return precise.flatMap(\.self).merged }
    if let cause = try mistake(in: failing, widerBudgets) ?? rounding(failing) { return try joint(cause) }
    let each = try zip(failing, precise).flatMap { $1.isEmpty ? [try statement(on: $0)] : $1 }
    // Where a tensor alone shows nothing, not even a place, two mistakes of the whole computation may.
    if each.contains(where: { $0.cause == .unknown }), let cause = try twoMistakes(failing) {
      return [Statement(tensors: failing.map(\.name), cause: cause)]
    }
    return each.merged.namedFirst
  }

  /// The statements on one tensor that the case's budget allows no other rounding for; none if there are none.
  private func preciseStatements(on tensor: TensorExamination) throws -> [Statement] {
    let found = try measured(tensor)
    if let cause = try mistake(in: [tensor], [examination.budget]) {
      return [Statement(tensors: [tensor.name], cause: cause, alternatives: found.map { [$0].commonChanges } ?? [])]
    }
    guard let found else {
      if let cause = try mistake(in: [tensor], [examination.budget], isAlone: true) {
        return [Statement(tensors: [tensor.name], cause: cause)]
      }
      guard tensor.map.copyCount == 0, widerBudget([tensor]) == nil else { return [] }
      return try measurement(of: tensor)?.parts(wrong: tensor.map.wrong).map { part in
        Statement(
          tensors: [tensor.name], place: tensor.map.place(part.axis, part.values),
          cause: .changes(part.finding.changes.map(Change.measured), residual: part.finding.residual))
      } ?? []
    }
    // What a wider budget allows is rounding where it is spread, unless every output follows one rule.
    let isNumber = found.place != nil && found.changes.contains { $0.value != nil }
    if isNumber, let budget = widerBudget([tensor]), isSpread(tensor, budget) { return [] }
    return [
      Statement(
        tensors: [tensor.name], place: found.place,
        cause: .changes(found.changes.map(Change.measured), residual: found.residual), alternatives: found.alternatives)
    ]
  }

  private func statement(on tensor: TensorExamination) throws -> Statement {
    if let cause = try mistake(in: [tensor], widerBudgets) ?? rounding([tensor]) ?? mistakeAndMeasured(tensor) {
      return Statement(tensors: [tensor.name], cause: cause)
    }
    let place = tensor.map.place
    return Statement(
      tensors: [tensor.name], place: place, cause: place.sets.isEmpty ? .unknown : .confined,
      isCompared: mistakes != nil)
  }

  /// The named budgets that describe another way of computing than the case's, the tightest first.
  private var widerBudgets: [Budget] { Budget.named.filter { $0 != examination.budget && $0.isArithmetic } }

  private func confirmingSample(_ tensor: TensorExamination) throws -> RowSample {
    if let known = confirmingSamples[tensor.name] { return known }
    let sample = try examination.confirmingSample(of: tensor)
    confirmingSamples[tensor.name] = sample
    return sample
  }

  // MARK: Measured changes

  private func measured(_ tensor: TensorExamination) throws -> Measurement.Finding? {
    try measurement(of: tensor).flatMap { try $0.finding() ?? $0.bias() }
  }

  /// The measurement of a tensor; nil if nothing that rotates is wrong.
  private func measurement(of tensor: TensorExamination) -> Measurement? {
    guard tensor.map.failedCount > 0 else { return nil }
    return Measurement(
      RotationFacts(examination.golden, tensor.map.extent), tensor.kept.observations, of: tensor.kept.rows,
      confirming: { [self] in try confirmingSample(tensor).observations }, place: tensor.map.place)
  }

  // MARK: Known mistakes

  /// The mistake that explains some wrong tensors under the tightest of some budgets, and, if these are all wrong ones,
  /// contradicts none of the others; nil if none does, or the right result fits as early.
  ///
  /// If `isAlone`, it was made in these tensors alone, and may contradict others.
  private func mistake(
    in tensors: [TensorExamination], _ budgets: [Budget], isAlone: Bool = false
  ) throws -> Cause? {
    guard let mistakes else { return nil }
    let wider = widerBudget(tensors), isJoint = !isAlone && tensors.count == examination.failing.count
    for budget in budgets {
      // Without an ordinary error, a wider budget shows nothing.
      let isOfCase = budget == examination.budget
      guard budget != wider, isOfCase || tensors.allSatisfy(\.hasOrdinaryError) else { return nil }
      let fitting = hypotheses.filter {
        explains($0.fits, tensors, isJoint ? examination.tensors : tensors, budget)
      }.sorted { severity($0.fits, tensors) < severity($1.fits, tensors) }
      guard let best = try fitting.first(where: { try isConfirmed($0.mutants, tensors, budget) }) else { continue }
      let mutant = best.mutants[0], least = severity(best.fits, tensors)
      let alike = try fitting.filter {
        try $0.mutants[0].name != mutant.name && Measurement.isAlike(severity($0.fits, tensors), least)
          && isConfirmed($0.mutants, tensors, budget)
      }
      let known = mistakes.known(mutant, alike: alike.map { $0.mutants[0].name })
      if mutant.kind == .precision, let wider {
        // Under a wider budget than the case's, other computations round alike.
        return isOfCase ? .rounding(wider, like: known) : nil
      }
      return .changes([.mistake(known)], residual: least, within: isOfCase ? nil : budget)
    }
    return nil
  }

  private func explains(
    _ fits: [HypothesisFit], _ tensors: [TensorExamination], _ all: [TensorExamination], _ budget: Budget
  ) -> Bool {
    zip(examination.tensors, fits).allSatisfy { tensor, fit in
      guard all.contains(where: { $0.name == tensor.name }) else { return true }
      guard fit.holds(budget, of: examination) else { return false }
      guard tensors.contains(where: { $0.name == tensor.name }) else { return true }
      return tensor.map.failedCount == 0
        || tensor.kept.accuracy.severity >= Measurement.explainingFactor * fit.accuracy.severity
    }
  }

  /// Indicates whether mistakes give the rows of all tokens.
  private func isConfirmed(_ mutants: [Mutant], _ tensors: [TensorExamination], _ budget: Budget) throws -> Bool {
    try tensors.allSatisfy { tensor in
      guard !tensor.confirmingRows.isEmpty else { return true }
      return try mistakes?.fit(mutants, to: confirmingSample(tensor))?.holds(budget, of: examination) ?? false
    }
  }

  private func severity(_ fits: [HypothesisFit], _ tensors: [TensorExamination]) -> Double {
    zip(examination.tensors, fits).filter { tensor, _ in tensors.contains { $0.name == tensor.name } }
      .map(\.1.accuracy.severity).max() ?? 0
  }

  // MARK: Rounding

  /// The tightest budget, wider than the case's, under which some tensors are right.
  private func widerBudget(_ tensors: [TensorExamination]) -> Budget? {
    widerBudgets.first { budget in
      tensors.allSatisfy { $0.map.copyCount == 0 && $0.map.accuracy.holdingBudgets.contains(budget) }
    }
  }

  private func rounding(_ tensors: [TensorExamination]) -> Cause? {
    guard let budget = widerBudget(tensors), tensors.allSatisfy({ isSpread($0, budget) }) else { return nil }
    return .rounding(budget, like: nil)
  }

  private func isSpread(_ tensor: TensorExamination, _ budget: Budget) -> Bool {
    RoundingSpread(examination.golden, tensor, wider: budget).isSpread
  }

  // MARK: Two at once

  /// A known mistake of pairing or reading, with changes that are measured in its outputs.
  private func mistakeAndMeasured(_ tensor: TensorExamination) throws -> Cause? {
    guard let mistakes else { return nil }
    let facts = RotationFacts(examination.golden, tensor.map.extent)
    let everywhere = Place([], failedCount: tensor.map.failedCount, elementCount: 0)
    let found = try mistakes.structures().compactMap { mutant -> (mutant: Mutant, finding: Measurement.Finding)? in
      try Measurement(
        facts, mistakes.observations(mutant, tensor.kept), of: tensor.kept.rows,
        confirming: { [self] in mistakes.observations(mutant, try confirmingSample(tensor)) }, place: everywhere
      ).finding().map { (mutant, $0) }
    }.filter { $0.finding.changes.allSatisfy(\.isOfResult) }
    guard let best = found.min(by: { $0.finding.residual < $1.finding.residual }) else { return nil }
    let alike = found.filter { $0.mutant.name != best.mutant.name && $0.finding.changes == best.finding.changes }
    return .changes(
      [.mistake(mistakes.known(best.mutant, alike: alike.map(\.mutant.name)))]
        + best.finding.changes.map(Change.measured), residual: best.finding.residual)
  }

  /// Two known mistakes at once.
  private func twoMistakes(_ tensors: [TensorExamination]) throws -> Cause? {
    guard let mistakes else { return nil }
    let fitting = mistakes.pairs().filter { explains($0.fits, tensors, examination.tensors, examination.budget) }
      .sorted { severity($0.fits, tensors) < severity($1.fits, tensors) }
    guard let best = try fitting.first(where: { try isConfirmed($0.mutants, tensors, examination.budget) }) else {
      return nil
    }
    return .changes(
      best.mutants.enumerated().map { place, mutant in
        let alike = Set(
          fitting.filter { $0.mutants[1 - place].name == best.mutants[1 - place].name }
            .map { $0.mutants[place].name }
        ).subtracting([mutant.name]).sorted()
        return .mistake(mistakes.known(mutant, alike: alike))
      }, residual: severity(best.fits, tensors))
  }
}

extension TensorExamination {
  /// True if a kept element is wrong whose values are ordinary.
  fileprivate var hasOrdinaryError: Bool { kept.observations.contains { !$0.isRight } }
}

extension [Measurement.Finding] {
  /// The single changes that all findings have, everywhere in their tensors, and that are no mistake of the catalogue.
  fileprivate var commonChanges: [MeasuredChange] {
    guard let first, allSatisfy({ $0.place == nil && $0.changes.count == 1 }) else { return [] }
    return (first.changes + first.alternatives).filter { change in
      change.mistake == nil
        && dropFirst().allSatisfy { ($0.changes + $0.alternatives).contains { $0.agrees(with: change) } }
    }
  }
}
