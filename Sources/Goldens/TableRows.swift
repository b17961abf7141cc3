/// The rows of a table that has one row per distinct position, in ascending order.
struct TableRows {
  /// The position of each row.
  let distinct: [Int64]
  /// The row of each token.
  let rows: [Int32]

  init(positions: [Int64]) {
    let distinct = Set(positions).sorted()
    let index = Dictionary(uniqueKeysWithValues: distinct.enumerated().map { ($0.element, Int32($0.offset)) })
    self.distinct = distinct
    rows = positions.compactMap { index[$0] }
  }
}
