import RoPE

extension [Statement] {
  /// The statements, with one for those that say the same of different tensors.
  var merged: [Statement] {
    reduce(into: []) { statements, statement in
      for (number, known) in statements.enumerated() {
        guard let merged = known.merged(with: statement) else { continue }
        statements[number] = merged
        return
      }
      statements.append(statement)
    }
  }
}

extension [Statement] {
  /// The statements, with those first that say what is computed.
  var namedFirst: [Statement] { filter(\.cause.isNamed) + filter { !$0.cause.isNamed } }
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
    return Statement(
      tensors: tensors + other.tensors, place: place, cause: cause, run: run,
      alternatives: alternatives.filter { mine in other.alternatives.contains { $0.agrees(with: mine) } },
      isCompared: isCompared)
  }
}

extension Change {
  /// The same change, with the more precise number; nil if they differ.
  fileprivate func merged(with other: Change) -> Change? {
    guard case .measured(let mine) = self, case .measured(let theirs) = other else { return self == other ? self : nil }
    return mine.merged(with: theirs).map(Change.measured)
  }
}

extension MeasuredChange {
  /// Indicates whether another change is the same, apart from the errors of their numbers.
  func agrees(with other: MeasuredChange) -> Bool { merged(with: other) != nil }

  /// The same change, with the more precise number; nil if they differ.
  fileprivate func merged(with other: MeasuredChange) -> MeasuredChange? {
    guard let value, let otherValue = other.value, self != other else { return self == other ? self : nil }
    guard let common = [value, otherValue].common, replacing(common) == other.replacing(common) else { return nil }
    return replacing(common)
  }
}
