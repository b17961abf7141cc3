import Foundation
import Goldens
import Judging
import RoPE

/// Tells whether errors are spread as rounding spreads them: more of them where a wider budget leaves more room.
struct RoundingSpread {
  /// The wrong pairs of tokens from which on errors can be spread.
  private static let fewestPairs = 3
  /// The chance below which errors are in a place, not spread.
  private static let smallestChance = 0.2

  private let elements: [Element]

  /// An ordinary element that the budget does not allow to be anything.
  private struct Element {
    let pair: PairObservation
    let isWrong: Bool
    /// The square of the room beyond the case's limit.
    ///
    /// An error is a small part of a limit, and seldom exceeds the case's where there is little room.
    let room: Double
  }

  private let facts: RotationFacts
  private let map: FailureMap

  /// Compares the kept elements of a tensor with a budget that is wider than the case's.
  init(_ golden: Golden, _ tensor: TensorExamination, wider budget: Budget) {
    let sample = tensor.kept
    let facts = RotationFacts(golden, sample.extent), wider = sample.limits(golden, budget: budget)
    self.facts = facts
    map = tensor.map
    elements = zip(sample.observations, wider).flatMap { seen, wider in
      [(0, seen.fails.first), (1, seen.fails.second)].compactMap { output, isWrong in
        // A limit of the size of the result shows nothing.
        guard wider[output] < seen.size / 2 else { return nil }
        var room = max(0, wider[output] / seen.limit[output] - 1)
        if budget.isOfAngles { room *= facts.errorOfAngle(seen) }
        return Element(pair: seen, isWrong: isWrong, room: room * room)
      }
    }
  }

  /// True if errors are spread over tokens, pairs and heads as the budget's rounding spreads them.
  ///
  /// Of the outputs of a pair, some ways of multiplying round only one.
  var isSpread: Bool {
    let wrong = elements.filter(\.isWrong), sequence = facts.extent.sequence
    // Heads share their angles.
    let count = Set(wrong.map { [$0.pair.row.token, $0.pair.pair] }).count
    guard count >= Self.fewestPairs else { return false }
    return chance(count) { $0.pair.row.token / sequence } >= Self.smallestChance
      && chance(count) { $0.pair.row.token % sequence } >= Self.smallestChance
      && chance(count) { $0.pair.pair } >= Self.smallestChance
      && chance(count) { facts.pairs[$0.pair.pair].axis } >= Self.smallestChance
      && chance(wrong.count) { $0.pair.row.head } >= Self.smallestChance
      && chanceOfTokens(count) >= Self.smallestChance
  }

  /// The chance that so many errors in the kept tokens, and as many in others that they stand for, are all in the tokens
  /// that are wrong.
  private func chanceOfTokens(_ count: Int) -> Double {
    let all = map.byToken.count, wrong = map.byToken.count { $0 > 0 }
    let kept = Dictionary(grouping: elements) { map.byToken[$0.pair.row.token] > 0 }
    func tokens(_ isWrong: Bool) -> Double { Double(Set((kept[isWrong] ?? []).map(\.pair.row.token)).count) }
    // A kept token has the room of those that it stands for.
    func room(_ isWrong: Bool, _ count: Int) -> Double {
      (kept[isWrong] ?? []).reduce(0) { $0 + $1.room } / max(1, tokens(isWrong)) * Double(count)
    }
    let inside = room(true, wrong), outside = room(false, all - wrong)
    guard inside > 0, outside > 0 else { return 1 }
    return Self.chance(
      Double(count) * Double(wrong) / tokens(true), in: wrong, of: all, share: inside / (inside + outside))
  }

  /// The chance that so many errors are all in as few values of a coordinate as they are, if each is anywhere with a
  /// chance in proportion to the room there.
  private func chance(_ count: Int, _ coordinate: (Element) -> Int) -> Double {
    var room: [Int: Double] = [:], hit = Set<Int>()
    for element in elements {
      let value = coordinate(element)
      room[value, default: 0] += element.room
      if element.isWrong { hit.insert(value) }
    }
    room = room.filter { $0.value > 0 }
    hit.formIntersection(room.keys)
    let all = room.values.reduce(0, +), inside = hit.reduce(0) { $0 + (room[$1] ?? 0) }
    guard hit.count < room.count else { return 1 }
    return Self.chance(Double(count), in: hit.count, of: room.count, share: inside / all)
  }

  /// The chance that errors are all in some of all values, whichever, that have a share of the room.
  private static func chance(_ errors: Double, in values: Int, of all: Int, share: Double) -> Double {
    let choices = lgamma(Double(all + 1)) - lgamma(Double(values + 1)) - lgamma(Double(all - values + 1))
    return exp(min(0, choices + errors * log(share)))
  }
}

extension RotationFacts {
  /// The part of the error of any angle that a pair can have: in float32 a small angle errs in proportion, and one is exact
  /// whose frequency is a power of two.
  fileprivate func errorOfAngle(_ seen: PairObservation) -> Double {
    frequencies[seen.pair].significand == 1 ? 0 : min(1, angle(seen.row.token, seen.pair).magnitude)
  }
}

extension RowSample {
  /// The limits of the observations under another budget.
  fileprivate func limits(_ golden: Golden, budget: Budget) -> [SIMD2<Double>] {
    let judge = RowJudge(golden, positions: extent.positions, budget: budget), dimension = golden.plan.headDimension
    return rows.enumerated().flatMap { number, row in
      let exact = golden.truth.rows(extent.name, row.token..<row.token + 1)
      let channels = row.head * dimension..<(row.head + 1) * dimension
      return judge.observations(
        row, extent, values: exact.values[channels], exact: exact.expected[channels], actual, at: number * dimension,
        unwritten: unwritten
      ).map(\.limit)
    }
  }
}
