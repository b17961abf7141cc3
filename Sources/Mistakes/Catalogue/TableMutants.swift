import RoPE

extension Mutant {
  static let tables: [Mutant] = [
    Mutant(.table, "row-before", [], "reads the row of the table before the right one") {
      $0.mapRows { max(0, $0 - 1) }
    },
    Mutant(.table, "row-3-bits", [], "keeps only 3 bits of a row of the table") { $0.mapRows { $0 & 7 } },
    Mutant(.table, "row-8-bits", [], "keeps only 8 bits of a row of the table") { $0.mapRows { $0 & 0xFF } },
    Mutant(
      .table, "row-16-bits", [], "keeps only 16 bits of a row of the table",
      fewCases: "a table of more than 65,536 rows is large, and two cases have one"
    ) {
      $0.mapRows { $0 & 0xFFFF }
    },
    Mutant(.table, "row-clamped-at-1023", [], "has a table that ends after 1,024 rows") {
      $0.mapRows { min($0, 1023) }
    },
    Mutant(.table, "row-before-from-257-tokens", ["B45"], "reads the row before the right one from the 257th token on")
    {
      $0.mapRows { row, token in token < 256 ? row : max(0, row - 1) }
    },
    Mutant(.table, "row-of-last-token", [], "reads the row of the last token of a sequence for all of its tokens") {
      guard case .table(_, let rows) = $0.angles else { return false }
      let sequence = $0.call.sequence
      return $0.mapRows { _, token in Int(rows[(token / sequence + 1) * sequence - 1]) }
    },
    Mutant(
      .table, "row-stride-of-head-dimension", [],
      "takes the rows of the table to have half a head dimension instead of half a rotary dimension of entries"
    ) {
      guard case .table(let table, let rows) = $0.angles else { return false }
      let stride = $0.plan.headDimension / 2, count = table.pairCount
      guard stride > count, count > 0 else { return false }
      let entries = (0..<table.rowCount * count).map { ($0 / count * stride + $0 % count) % table.cosines.count }
      $0.angles = .table(
        CosSinTable(
          type: table.type, pairCount: count, cosines: entries.map { table.cosines[$0] },
          sines: entries.map { table.sines[$0] }), rows: rows)
      return true
    },
    Mutant(.table, "table-read-as-other-type", [], "reads a float16 table as bfloat16, or the reverse") {
      guard case .table(let table, let rows) = $0.angles, table.type != .float32 else { return false }
      $0.angles = .table(
        CosSinTable(
          type: table.type == .float16 ? .bfloat16 : .float16, pairCount: table.pairCount, cosines: table.cosines,
          sines: table.sines), rows: rows)
      return true
    },
  ]
}

extension MutantComputation {
  /// Replaces the row of the table that each token reads.
  fileprivate mutating func mapRows(_ change: (_ row: Int, _ token: Int) -> Int) -> Bool {
    guard case .table(let table, let rows) = angles else { return false }
    let wrong = rows.enumerated().map { Int32(change(Int($1), $0)) }
    angles = .table(table, rows: wrong)
    isHarmless = wrong == rows
    return true
  }

  /// Replaces the row of the table that each token reads, whichever token it is.
  fileprivate mutating func mapRows(_ change: (_ row: Int) -> Int) -> Bool { mapRows { row, _ in change(row) } }
}
