import Diagnosis
import Goldens
import RoPE

/// Places against the elements that are wrong and those that were planted.
extension StatementCheck {
  func placeContradiction(
    _ statement: Statement, _ mine: [PlantedOutputs.Row], _ all: [Statement]
  ) -> String? {
    guard let place = statement.place, !place.sets.isEmpty else { return nil }
    for row in mine {
      // A place without a cause says that all else is right.
      let places =
        statement.cause == .confined
        ? [place]
        : all.filter { $0.tensors.contains(row.index.tensor) }.map {
          $0.place ?? Place([], failedCount: 0, elementCount: 0)
        }
      for channel in row.isWrong.indices where row.isWrong[channel] {
        guard !places.contains(where: { isInside(row, channel, $0) }) else { continue }
        return "\(name(row.index, channel)) is wrong outside the place"
      }
    }
    let inside = count(mine) { isInside($0, $1, place) && isOfPlantedKind($1) }, hits = count(mine) { $0.isHit[$1] }
    return inside > 2 * hits ? "the place has \(inside) elements, \(hits) were planted" : nil
  }

  /// A place whose counts are wrong, where all tokens are checked.
  func countContradiction(_ statement: Statement, _ mine: [PlantedOutputs.Row]) -> String? {
    guard outputs.isComplete, let place = statement.place else { return nil }
    let inside = count(mine) { isInside($0, $1, place) && isOfPlantedKind($1) }
    let wrong = count(mine) { $0.isWrong[$1] }
    return (wrong, inside) == (place.failedCount, place.elementCount)
      ? nil : "\(wrong) of \(inside) elements are wrong, not \(place.failedCount) of \(place.elementCount)"
  }

  /// Errors that are called everywhere although few elements are planted, or half of the heads, pairs, rows of the batch,
  /// tokens or outputs have none.
  func spreadContradiction(_ mine: [PlantedOutputs.Row]) -> String? {
    if let reason = confinedContradiction(mine) { return reason }
    for axis in [Place.Axis.head, .batchRow, .token, .pair, .output] {
      var values = Set<Int>(), wrong = Set<Int>()
      for row in mine {
        for channel in row.isWrong.indices {
          guard let value = value(axis, row, channel) else { continue }
          values.insert(value)
          if row.isWrong[channel] { wrong.insert(value) }
        }
      }
      if values.count > 1, 2 * wrong.count <= values.count {
        return "\(wrong.count) of \(values.count) values of \(axis.rawValue) have an error"
      }
    }
    return nil
  }

  /// A mistake that was planted in few elements.
  func confinedContradiction(_ mine: [PlantedOutputs.Row]) -> String? {
    let hits = count(mine) { $0.isHit[$1] }, all = count(mine) { isOfPlantedKind($1) }
    return 2 * hits < all ? "calls a mistake in \(hits) of \(all) elements one of all" : nil
  }

  /// True for a channel that is rotated or copied, if a mistake was planted in such ones.
  private func isOfPlantedKind(_ channel: Int) -> Bool {
    outputs.rotated[channel] == nil ? outputs.hasHitCopies : outputs.hasHitResults
  }

  func isInside(_ row: PlantedOutputs.Row, _ channel: Int, _ place: Place) -> Bool {
    place.sets.allSatisfy { set in value(set.axis, row, channel).map(set.values.contains) ?? false }
  }

  /// The coordinate of an element; nil if it has none on an axis.
  private func value(_ axis: Place.Axis, _ row: PlantedOutputs.Row, _ channel: Int) -> Int? {
    let index = row.index, extent = call.extent(index.tensor), rotated = outputs.rotated[channel]
    return switch axis {
    case .batchRow: index.token / extent.sequence
    case .token: index.token % extent.sequence
    case .row: index.token * extent.heads + index.head
    case .head: index.head
    case .positionAxis: rotated.map { call.golden.plan.pairs[$0.pair].axis }
    case .pair: rotated?.pair
    case .output: rotated?.output
    case .channel: rotated == nil ? channel : nil
    }
  }

  private func count(_ rows: [PlantedOutputs.Row], where holds: (PlantedOutputs.Row, Int) -> Bool) -> Int {
    rows.reduce(0) { count, row in count + row.actual.indices.count { holds(row, $0) } }
  }
}
