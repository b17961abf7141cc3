/// Rows of values, one value for each dimension, in which certain combinations occur together at least once.
///
/// Every pair of values of any two dimensions occurs in a row, and every triple of values of some dimensions, except those
/// that are forbidden. The rows are built greedily: each begins with a combination that is still missing, and takes the values that add most others
/// (Cohen, Dalal, Fredman and Patton 1997, "The AETG system: an approach to testing based on combinatorial design").
/// The same dimensions give the same rows.
struct CoveringArray {
  /// The index of a value for each dimension.
  typealias Row = [Int]

  private(set) var rows: [Row] = []

  /// Rows that are built for each one that is taken.
  private static let candidateCount = 8

  /// - Parameters:
  ///   - valueCounts: the number of values of each dimension; the first value of a dimension is the cheapest.
  ///   - triples: three dimensions each; every triple of their values occurs together in a row.
  ///   - forbidden: values that no row has together, because they would say nothing. Each value must be allowed with
  ///     some values of all other dimensions.
  ///   - limit: the most that a row may cost. A combination that costs more by itself has the cheapest row.
  ///   - cost: the cost of a row, which no value reduces.
  /// - Complexity: O(rows · values · dimensions).
  init(valueCounts: [Int], triples: [[Int]], forbidden: [Combination] = [], limit: Int, cost: (Row) -> Int) {
    var missing = Combinations(valueCounts: valueCounts, triples: triples, forbidden: forbidden)
    let random = InputHash(seed: 1)
    var draws = 0
    while let first = missing.first {
      var best: (row: Row, gain: Int)?
      for _ in 0..<Self.candidateCount {
        // Each candidate assigns the dimensions in another order.
        let order = valueCounts.indices.sorted { random[draws + $0] < random[draws + $1] }
        draws += valueCounts.count
        let row = Self.row(from: first, order, valueCounts, missing, forbidden, limit: limit, cost: cost) { count in
          draws += 1
          return Int(random[draws] % UInt64(count))
        }
        let gain = missing.count(in: row)
        if gain > best?.gain ?? 0 { best = (row, gain) }
      }
      // A candidate contains `first`, so there is always a gain.
      guard let best else { return }
      missing.remove(in: best.row)
      rows.append(best.row)
    }
  }

  private static func row(
    from first: Combination, _ order: [Int], _ valueCounts: [Int], _ missing: Combinations, _ forbidden: [Combination],
    limit: Int, cost: (Row) -> Int, draw: (_ count: Int) -> Int
  ) -> Row {
    // Values that are still to be chosen count as the cheapest.
    var row = Array(repeating: 0, count: valueCounts.count), isChosen = row.map { _ in false }
    for (dimension, value) in first {
      row[dimension] = value
      isChosen[dimension] = true
    }
    for dimension in order where !isChosen[dimension] {
      isChosen[dimension] = true
      let allowed = (0..<valueCounts[dimension]).filter { value in
        row[dimension] = value
        return !forbidden.contains { $0.allSatisfy { isChosen[$0.dimension] && row[$0.dimension] == $0.value } }
      }
      var best = (value: 0, gain: -1)
      // Of values that add as much, any may be the one.
      let start = draw(allowed.count)
      for index in allowed.indices {
        let value = allowed[(start + index) % allowed.count]
        row[dimension] = value
        guard value == allowed[0] || cost(row) <= limit else { continue }
        let gain = missing.count(of: dimension, in: row, isChosen)
        if gain > best.gain { best = (value, gain) }
      }
      row[dimension] = best.value
    }
    return row
  }

  /// Values of two or three dimensions.
  typealias Combination = [(dimension: Int, value: Int)]

  /// The combinations that no row has yet.
  private struct Combinations {
    /// The dimensions of each group whose combinations count.
    private let groups: [[Int]]
    /// For each group, whether a combination is missing; the last dimension's value counts fastest.
    private var isMissing: [[Bool]]
    private let valueCounts: [Int]
    /// The groups that a dimension belongs to.
    private let groupsOfDimension: [[Int]]

    init(valueCounts: [Int], triples: [[Int]], forbidden: [Combination]) {
      self.valueCounts = valueCounts
      let groups = triples + CoveringArray.pairs(dimensions: valueCounts.count)
      self.groups = groups
      groupsOfDimension = valueCounts.indices.map { dimension in
        groups.indices.filter { groups[$0].contains(dimension) }
      }
      isMissing = groups.map { group in
        (0..<group.reduce(1) { $0 * valueCounts[$1] }).map { index in
          let values = Self.combination(of: group, at: index, valueCounts)
          return !forbidden.contains { pair in
            pair.allSatisfy { part in values.contains { $0 == part } }
          }
        }
      }
    }

    var first: Combination? {
      for (group, flags) in zip(groups, isMissing) {
        if let index = flags.firstIndex(of: true) { return Self.combination(of: group, at: index, valueCounts) }
      }
      return nil
    }

    private static func combination(of group: [Int], at index: Int, _ valueCounts: [Int]) -> Combination {
      var combination: Combination = [], index = index
      for dimension in group.reversed() {
        combination.append((dimension, index % valueCounts[dimension]))
        index /= valueCounts[dimension]
      }
      return combination
    }

    private func index(_ group: [Int], in row: Row) -> Int {
      group.reduce(0) { $0 * valueCounts[$1] + row[$1] }
    }

    /// Missing combinations that a whole row has.
    func count(in row: Row) -> Int {
      groups.indices.count { isMissing[$0][index(groups[$0], in: row)] }
    }

    /// Missing combinations of the value of a dimension, which is one of the chosen, with those of the others.
    func count(of dimension: Int, in row: Row, _ isChosen: [Bool]) -> Int {
      groupsOfDimension[dimension].count { number in
        let group = groups[number]
        return group.allSatisfy { isChosen[$0] } && isMissing[number][index(group, in: row)]
      }
    }

    mutating func remove(in row: Row) {
      for (number, group) in groups.enumerated() { isMissing[number][index(group, in: row)] = false }
    }
  }

  /// Any two dimensions.
  private static func pairs(dimensions: Int) -> [[Int]] {
    (0..<dimensions).flatMap { first in (first + 1..<max(first + 1, dimensions)).map { [first, $0] } }
  }
}
