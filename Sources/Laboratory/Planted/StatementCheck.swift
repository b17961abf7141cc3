import Diagnosis
import Goldens
import Judging
import Mistakes
import RoPE

/// Checks statements of a diagnosis against the outputs that a planted mistake gave.
///
/// A statement is false if the outputs contradict any half of it: an element that it calls right is wrong, or the other
/// way round; a number is not the planted one to the digits it has; a named mistake, or one that it cannot tell from it,
/// gives other outputs; with the named mistake, the measured change does. A place counts as true only if it has at most
/// twice the elements that were planted.
struct StatementCheck {
  let planted: PlantedMistake
  let outputs: PlantedOutputs
  /// What a mistake of the catalogue computes, by its name; nil if it cannot occur in the case.
  let mutant: (String) -> CaseComputation?
  /// The same outputs, judged by another budget.
  private let judged: (Budget) throws -> PlantedOutputs

  var call: PlantedCall { outputs.call }

  /// - Throws: ``OutputError`` or `CallError`.
  init(_ planted: PlantedMistake, _ golden: Golden, _ source: some OutputSource, budget: Budget) throws {
    self.planted = planted
    outputs = try PlantedOutputs(planted, golden, source, budget: budget)
    let right = try CaseComputation(golden)
    mutant = { name in Mutant.all.first { $0.name == name && !$0.isRightAtFirst }.flatMap { right.changed([$0]) } }
    judged = { try PlantedOutputs(planted, golden, source, budget: $0) }
  }

  // MARK: Told

  /// True if the statements, all of them true, tell each planted mistake in every tensor where it shows.
  func tell(_ statements: [Statement]) throws -> Bool {
    let fully = try statements.filter { try isComplete($0) }
    return planted.parts.allSatisfy { part in
      call.tensors.map(\.name).filter { shows(part, in: $0) }.allSatisfy { tensor in
        statements.contains { statement in
          statement.tensors.contains(tensor) && covers(statement, part, tensor)
            && (fully.contains(statement) || names(statement, part))
        }
      }
    }
  }

  /// Indicates whether a part of what was planted made an element of a tensor wrong.
  private func shows(_ part: PlantedMistake, in tensor: TensorName) -> Bool {
    rows([tensor]).contains { row in
      row.isWrong.indices.contains { row.isWrong[$0] && isHit(part, row, $0) }
    }
  }

  /// Indicates whether the place of a statement has every wrong element of a part.
  private func covers(_ statement: Statement, _ part: PlantedMistake, _ tensor: TensorName) -> Bool {
    guard let place = statement.place else { return true }
    return rows([tensor]).allSatisfy { row in
      row.isWrong.indices.allSatisfy { channel in
        !row.isWrong[channel] || !isHit(part, row, channel) || isInside(row, channel, place)
          || planted.parts.contains { $0.name != part.name && isHit($0, row, channel) }
      }
    }
  }

  private func isHit(_ part: PlantedMistake, _ row: PlantedOutputs.Row, _ channel: Int) -> Bool {
    let rotated = outputs.rotated[channel]
    return part.isHit(call, row.index, rotated?.pair, rotated?.output ?? 0)
  }

  /// Indicates whether a statement says a part by a name, a number or, if there is no word for it, a place.
  private func names(_ statement: Statement, _ part: PlantedMistake) -> Bool {
    switch statement.cause {
    case .rounding: part.isRounding
    case .confined, .unknown: part.isNameless
    case .changes(let changes, _, _):
      changes.contains { change in
        switch change {
        case .mistake(let mistake): !Set(mistake.allNames).isDisjoint(with: part.names)
        case .measured(let change): isPlanted(change, [part])
        }
      }
    }
  }

  /// True if the changes of a statement give the outputs of its tensors, from more angles than it has numbers.
  private func isComplete(_ statement: Statement) throws -> Bool {
    guard case .changes(let changes, _, _) = statement.cause else { return false }
    let measured = statement.cause.measured, mistakes = statement.cause.mistakes
    guard isDetermined(measured, statement) else { return false }
    if changes.count == 1, let mistake = mistakes.first {
      return try contradiction(ofOutputsOf: mistake.name, statement) == nil
    }
    return contradiction(of: measured, after: parts(named: mistakes), statement) == nil
  }

  // MARK: True

  /// The reason that a statement is false; nil if the outputs do not contradict it.
  ///
  /// `all` are the statements of the same diagnosis: other parts of a tensor may be theirs.
  func contradiction(of statement: Statement, among all: [Statement]) throws -> String? {
    let mine = rows(statement.tensors)
    // Tokens that are not checked may be wrong.
    let isWrong = statement.tensors.allSatisfy { name in
      mine.contains { $0.index.tensor == name && $0.isWrong.contains(true) }
    }
    guard isWrong || !outputs.isComplete else { return "names a tensor that is right" }
    if let reason = placeContradiction(statement, mine, all) { return reason }
    switch statement.cause {
    case .rounding(let budget, let like): return try contradiction(ofRounding: budget, like: like, statement)
    case .confined: return countContradiction(statement, mine)
    case .unknown:
      // Without counts it says that the errors are everywhere.
      return statement.place == nil ? spreadContradiction(mine) : countContradiction(statement, mine)
    case .changes(let changes, _, let within):
      guard within == nil || planted.isRounding else { return "says that rounding remains" }
      if let reason = try contradiction(of: changes, statement) { return reason }
      for other in statement.alternatives {
        let changes = [other] + statement.cause.measured.dropFirst()
        if let reason = contradiction(of: changes, after: [], statement) { return "as '\(other)' would be: \(reason)" }
      }
      return nil
    }
  }

  /// The share of wrong elements below which a mistake that is spread over all cannot be told from rounding.
  private static let mostOfRounding = 0.01

  private func contradiction(ofRounding budget: Budget, like: KnownMistake?, _ statement: Statement) throws -> String? {
    if !planted.isRounding {
      let mine = rows(statement.tensors)
      let wrong = mine.reduce(0) { $0 + $1.isWrong.count { $0 } }, all = mine.reduce(0) { $0 + $1.isWrong.count }
      guard Double(wrong) < Self.mostOfRounding * Double(all) else {
        return "blames rounding for \(wrong) of \(all) elements"
      }
      if let reason = confinedContradiction(mine) { return reason }
    }
    let wider = try judged(budget)
    guard !wider.rows.contains(where: { statement.tensors.contains($0.index.tensor) && $0.isWrong.contains(true) })
    else { return "\(budget.name) does not hold" }
    return try like.flatMap { try contradiction(ofMistake: $0, statement) }
  }

  func rows(_ tensors: [TensorName]) -> [PlantedOutputs.Row] {
    outputs.rows.filter { tensors.contains($0.index.tensor) }
  }

  /// An element in words.
  func name(_ row: RowIndex, _ channel: Int) -> String {
    "\(row.tensor.rawValue), token \(row.token), head \(row.head), channel \(channel)"
  }
}
