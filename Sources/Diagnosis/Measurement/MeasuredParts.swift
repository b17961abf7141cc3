import Goldens
import RoPE

/// Parts of a tensor that have each their own changes.
extension Measurement {
  /// Some heads, pairs or tokens, and what their outputs are.
  struct Part {
    let axis: Place.Axis
    let values: [Int]
    let finding: Finding
  }

  /// The number of parts beyond which the changes are no longer a few.
  private static let mostParts = 3

  /// The changes of parts that together have every wrong element; none if one part has none, or if there are many.
  ///
  /// `wrong` are the heads, pairs, rows of the batch or tokens of a row with a wrong element.
  ///
  /// - Throws: ``OutputError``.
  func parts(wrong: (Place.Axis) -> [Int]) throws -> [Part] {
    let all = observations + (try confirming())
    for axis in [Place.Axis.head, .pair, .batchRow, .token] {
      let parts = parts(along: axis, wrong: wrong(axis), all)
      if !parts.isEmpty { return parts }
    }
    return []
  }

  private func parts(along axis: Place.Axis, wrong: [Int], _ all: [PairObservation]) -> [Part] {
    let groups = Dictionary(grouping: all) { facts.coordinate(axis, $0) }
    // A value that was not observed can have any changes.
    guard wrong.count > 1, wrong.allSatisfy({ groups[$0] != nil }) else { return [] }
    var rest = wrong, parts: [Part] = []
    while let first = rest.first, parts.count < Self.mostParts {
      guard let part = part(of: first, rest, axis, groups) else { return [] }
      parts.append(part)
      rest.removeAll(where: part.values.contains)
    }
    return rest.isEmpty && parts.count > 1 ? parts : []
  }

  /// The values that have the changes of the first one.
  private func part(of first: Int, _ rest: [Int], _ axis: Place.Axis, _ groups: [Int: [PairObservation]]) -> Part? {
    for candidate in candidates(groups[first] ?? [], output: nil) {
      guard candidate.holds(for: groups[first] ?? [], output: nil, isStrict: true) else { continue }
      let alike = rest.filter { candidate.holds(for: groups[$0] ?? [], output: nil, isStrict: true) }
      let together = alike.flatMap { groups[$0] ?? [] }
      // All values together give a number more precisely.
      let fitted = candidates(together, output: nil).lazy.compactMap { candidate in
        candidate.residual(of: together, output: nil, isStrict: true).map { (candidate.changes, $0) }
      }.first
      guard let (changes, residual) = fitted else { continue }
      // One pair alone turns by any angle.
      if axis == .pair, alike.count == 1, changes.contains(where: \.isOfAngle) { return nil }
      let finding = Finding(changes: changes, alternatives: [], place: nil, residual: residual)
      return Part(axis: axis, values: alike, finding: finding)
    }
    return nil
  }
}

extension RotationFacts {
  /// The coordinate of a pair of a head of a token.
  fileprivate func coordinate(_ axis: Place.Axis, _ seen: PairObservation) -> Int {
    switch axis {
    case .head: seen.row.head
    case .batchRow: seen.row.token / extent.sequence
    case .token: seen.row.token % extent.sequence
    default: seen.pair
    }
  }
}
