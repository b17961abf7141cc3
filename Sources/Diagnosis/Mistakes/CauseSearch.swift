import Foundation
import Goldens
import Judging
import Mistakes
import RoPE

/// Finds the cause of wrong outputs in one run.
///
/// In this order, the first that explains the outputs counts: a known mistake under the case's budget; changes that are
/// measured in the outputs; a known mistake under a wider budget; rounding, if the right result fits a wider budget and
/// errors are spread; two changes at once. In each step, a cause of all tensors comes before one of each. An explanation must bring the largest error down by
/// ``Measurement/explainingFactor``. What remains is the place of the errors.
struct CauseSearch {
  private let examination: Examination
  private let mistakes: MistakeSearch?
  private let hypotheses: [MistakeSearch.Hypothesis]

  /// A search in an examined run; see ``MistakeSearch/init(_:followsRight:)``.
  init(_ examination: Examination, followsRight: Bool) throws {
    self.examination = examination
    mistakes = try examination.failing.isEmpty ? nil : MistakeSearch(examination, followsRight: followsRight)
    hypotheses = mistakes?.hypotheses() ?? []
  }

  /// The statements on the tensors; none if everything that was written is right.
  func statements() -> [Statement] {
    let failing = examination.failing
    guard !failing.isEmpty else { return [] }
    func joint(_ cause: Cause) -> [Statement] { [Statement(tensors: failing.map(\.name), cause: cause)] }
    if let cause = mistake(in: failing, examination.tensors, [examination.budget]) { return joint(cause) }
    let precise = failing.map(preciseStatement)
    guard precise.contains(where: { $0 == nil }) else { return merged(precise.compactMap(\.self)) }
    if let cause = mistake(in: failing, examination.tensors, widerBudgets) ?? rounding(failing) { return joint(cause) }
    let each = zip(failing, precise).map { $1 ?? statement(on: $0) }
    // Where a tensor alone shows nothing, not even a place, two mistakes of the whole computation may.
    if each.contains(where: { $0.cause == .unknown }), let cause = twoMistakes(failing) {
      return joint(cause)
    }
    return merged(each)
  }

  private func merged(_ each: [Statement]) -> [Statement] {
    each.reduce(into: []) { statements, statement in
      if let last = statements.last, let merged = last.merged(with: statement) {
        statements[statements.count - 1] = merged
      } else {
        statements.append(statement)
      }
    }
  }

  /// The statement on one tensor that the case's budget allows no other rounding for; nil if there is none.
  private func preciseStatement(on tensor: TensorExamination) -> Statement? {
    if let cause = mistake(in: [tensor], [tensor], [examination.budget]) {
      return Statement(tensors: [tensor.name], cause: cause)
    }
    let facts = RotationFacts(examination.golden, tensor.map.extent)
    let measurement = Measurement(facts, tensor.observations, place: tensor.map.place)
    guard tensor.map.failedCount > 0, let found = measurement.finding() ?? measurement.bias() else { return nil }
    // What a wider budget allows is rounding where it is spread, unless every output follows one rule.
    let isNumber = found.place != nil && found.changes.contains { $0.value != nil }
    if isNumber, tensor.hasSpreadErrors, widerBudget([tensor]) != nil { return nil }
    return Statement(
      tensors: [tensor.name], place: found.place,
      cause: .changes(found.changes.map(Change.measured), residual: found.residual))
  }

  private func statement(on tensor: TensorExamination) -> Statement {
    let place = tensor.map.place
    func statement(_ cause: Cause, _ place: Place? = nil) -> Statement {
      Statement(tensors: [tensor.name], place: place, cause: cause)
    }
    if let cause = mistake(in: [tensor], [tensor], widerBudgets) ?? rounding([tensor]) { return statement(cause) }
    let facts = RotationFacts(examination.golden, tensor.map.extent)
    if let cause = mistakeAndMeasured(tensor, facts) { return statement(cause) }
    let isConfined = !place.sets.isEmpty && (tensor.map.failedCount == 0 || tensor.map.copyCount == 0)
    return isConfined ? statement(.confined, place) : statement(.unknown)
  }

  /// The named budgets that describe another way of computing than the case's, the tightest first.
  private var widerBudgets: [Budget] { Budget.named.filter { $0 != examination.budget && $0.isArithmetic } }

  // MARK: Known mistakes

  /// The mistake that explains some tensors under the tightest of some budgets, and contradicts none of others; nil if
  /// none does, or the right result fits as early.
  private func mistake(in tensors: [TensorExamination], _ all: [TensorExamination], _ budgets: [Budget]) -> Cause? {
    guard let mistakes else { return nil }
    let wider = widerBudget(tensors)
    for budget in budgets {
      if budget == wider { return nil }
      let fitting = hypotheses.filter { explains($0.fits, tensors, all, budget) }
      guard let best = fitting.min(by: { severity($0.fits, tensors) < severity($1.fits, tensors) }) else { continue }
      let least = severity(best.fits, tensors)
      let alike = fitting.filter {
        $0.mutants[0].name != best.mutants[0].name && severity($0.fits, tensors) <= 1.5 * least + 0.25
      }
      let known = mistakes.known(best.mutants[0], best.computation, alike: alike.map { $0.mutants[0].name })
      if best.mutants[0].kind == .precision, let wider {
        // Under a wider budget than the case's, other computations round alike.
        return .rounding(wider, like: budget == examination.budget ? known : nil)
      }
      return .changes([.mistake(known)], residual: least, within: budget == examination.budget ? nil : budget)
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
      let before = HypothesisFit(tensor.map)
      return !before.hasRightCopies || before.severity >= Measurement.explainingFactor * fit.severity
    }
  }

  private func severity(_ fits: [HypothesisFit], _ tensors: [TensorExamination]) -> Double {
    zip(examination.tensors, fits).filter { tensor, _ in tensors.contains { $0.name == tensor.name } }
      .map(\.1.severity).max() ?? 0
  }

  // MARK: Rounding

  /// The tightest budget, wider than the case's, under which some tensors are right.
  private func widerBudget(_ tensors: [TensorExamination]) -> Budget? {
    widerBudgets.first { budget in
      tensors.allSatisfy { HypothesisFit($0.map).holds(budget, of: examination) }
    }
  }

  private func rounding(_ tensors: [TensorExamination]) -> Cause? {
    guard let budget = widerBudget(tensors), tensors.allSatisfy(\.hasSpreadErrors) else { return nil }
    return .rounding(budget, like: nil)
  }

  // MARK: Two at once

  /// A known mistake of pairing or reading, with changes that are measured in its outputs.
  private func mistakeAndMeasured(_ tensor: TensorExamination, _ facts: RotationFacts) -> Cause? {
    guard let mistakes, let number = examination.tensors.firstIndex(where: { $0.name == tensor.name }) else {
      return nil
    }
    let everywhere = Place([], failedCount: tensor.map.failedCount, elementCount: 0)
    let found = mistakes.structures().compactMap { mutant, observations -> (Mutant, Measurement.Finding)? in
      Measurement(facts, observations[number], place: everywhere).finding().map { (mutant, $0) }
    }
    guard let best = found.min(by: { $0.1.residual < $1.1.residual }) else { return nil }
    let alike = found.filter { $0.0.name != best.0.name && $0.1.changes == best.1.changes }
    return .changes(
      [.mistake(mistakes.known(best.0, alike: alike.map(\.0.name)))] + best.1.changes.map(Change.measured),
      residual: best.1.residual)
  }

  /// Two known mistakes at once.
  private func twoMistakes(_ tensors: [TensorExamination]) -> Cause? {
    guard let mistakes else { return nil }
    let fitting = mistakes.pairs().filter { explains($0.fits, tensors, examination.tensors, examination.budget) }
    guard let best = fitting.min(by: { severity($0.fits, tensors) < severity($1.fits, tensors) }) else { return nil }
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
  /// True if errors are spread as rounding spreads them, over heads and more than one pair of one token, or are hardly
  /// larger than allowed.
  ///
  /// Heads share their angles. Tokens, pairs and rows of the batch do not: where positions are small, so are errors.
  fileprivate var hasSpreadErrors: Bool {
    let count = Double(map.failedCount)
    // The chance that so many errors miss the other values, if each hits every value alike.
    func chance(_ counts: [Int]) -> Double {
      let hit = counts.count { $0 > 0 }
      return hit == counts.count ? 1 : Double(counts.count) * pow(Double(hit) / Double(counts.count), count)
    }
    guard chance(map.byHead) > 1e-4 else { return false }
    let isInOnePair = map.byPair.count { $0 > 0 } == 1 && map.byToken.count { $0 > 0 } == 1
    return !isInOnePair || (map.accuracy.worst?.severity ?? 0) <= 4
  }
}

extension Statement {
  /// One statement for the tensors of both, if the causes and places are the same; nil if they differ.
  fileprivate func merged(with other: Statement) -> Statement? {
    guard place == other.place || place?.sets == other.place?.sets else { return nil }
    let cause: Cause
    switch (self.cause, other.cause) {
    case (.changes(let changes, let residual, let within), .changes(let others, let otherResidual, let otherWithin)):
      guard changes.count == others.count, within == otherWithin else { return nil }
      let merged = zip(changes, others).compactMap { $0.merged(with: $1) }
      guard merged.count == changes.count else { return nil }
      cause = .changes(merged, residual: max(residual, otherResidual), within: within)
    case _ where self.cause == other.cause: cause = self.cause
    default: return nil
    }
    let place = place.map { mine in
      Place(
        mine.sets, failedCount: mine.failedCount + (other.place?.failedCount ?? 0),
        elementCount: mine.elementCount + (other.place?.elementCount ?? 0))
    }
    return Statement(tensors: tensors + other.tensors, place: place, cause: cause, run: run)
  }
}

extension Change {
  /// The same change, with the more precise number; nil if they differ.
  fileprivate func merged(with other: Change) -> Change? {
    guard case .measured(let mine) = self, case .measured(let theirs) = other else { return self == other ? self : nil }
    guard mine != theirs else { return self }
    guard let value = mine.value, let otherValue = theirs.value, let common = [value, otherValue].common,
      mine.replacing(common) == theirs.replacing(common)
    else { return nil }
    return .measured(mine.replacing(common))
  }
}
