/// The rows of a table that has one row per distinct position, in ascending order.
struct TableRows {
  /// The position of each row, `[axes, rows]`.
  let distinct: [Int64]
  /// Rows in the table.
  let count: Int
  /// The row of each token.
  let rows: [Int32]

  /// - Parameter positions: `[axes, tokens]`.
  init(positions: [Int64], axisCount: Int) {
    let tokenCount = positions.count / axisCount
    let vectors = (0..<tokenCount).map { token in (0..<axisCount).map { positions[$0 * tokenCount + token] } }
    let distinct = Set(vectors).sorted { $0.lexicographicallyPrecedes($1) }
    let index = Dictionary(uniqueKeysWithValues: distinct.enumerated().map { ($0.element, Int32($0.offset)) })
    self.distinct = (0..<axisCount).flatMap { axis in distinct.map { $0[axis] } }
    count = distinct.count
    rows = vectors.compactMap { index[$0] }
  }
}
