import RoPE

extension Mutant {
  static let positions: [Mutant] = [
    Mutant(.positions, "position-plus-one", ["B33"], "counts positions from 1") { $0.mapPositions { $0 + 1 } },
    Mutant(.positions, "position-minus-one", [], "counts positions one too low") { $0.mapPositions { $0 - 1 } },
    Mutant(.positions, "previous-token", ["B33"], "gives each token the angles of the token before it") {
      $0.mapTokens { max(0, $0 - 1) }
    },
    Mutant(
      .positions, "first-row-for-batch", ["B31", "B35"], "gives every row of the batch the positions of the first row"
    ) {
      let sequence = $0.call.sequence
      return $0.mapTokens { $0 % sequence }
    },
    Mutant(
      .positions, "counter-over-batch", ["B29"], "continues to count positions from one row of the batch to the next"
    ) {
      let sequence = $0.call.sequence
      guard $0.call.batch > 1, let positions = $0.positions else { return false }
      let count = $0.call.tokenCount
      return $0.setPositions(
        positions.indices.map {
          positions[$0 / count * count] + Int64($0 % count / sequence * sequence + $0 % sequence)
        })
    },
    Mutant(
      .positions, "slot-for-position", ["B32", "B34", "B36"],
      "uses the index of a token in its sequence as its position"
    ) {
      let sequence = $0.call.sequence
      guard let positions = $0.positions else { return false }
      return $0.setPositions(positions.indices.map { Int64($0 % sequence) })
    },
    Mutant(.positions, "offset-ignored", ["B33"], "counts the positions of each row of the batch from its first token")
    {
      let sequence = $0.call.sequence
      guard let positions = $0.positions else { return false }
      return $0.setPositions(positions.indices.map { positions[$0] - positions[$0 / sequence * sequence] })
    },
    Mutant(.positions, "key-with-previous-token", [], "gives each token of K the angles of the token before it") {
      $0.angleToken = { $0.tensor == .key ? max(0, $0.token - 1) : $0.token }
      return $0.call.tokenCount > 1 && !$0.plan.pairs.isEmpty
    },
    Mutant(.positions, "row-for-token", ["B34"], "uses the index of a token as its row of the table") {
      guard case .table(let table, let rows) = $0.angles else { return false }
      let wrong = rows.indices.map { Int32($0 % table.rowCount) }
      $0.angles = .table(table, rows: wrong)
      return wrong != rows
    },
    Mutant(.positions, "head-for-token", ["B37"], "mistakes the axis of heads for the axis of the sequence") {
      let sequence = $0.call.sequence
      $0.angleToken = { $0.token / sequence * sequence + $0.head % sequence }
      return sequence > 1 && !$0.plan.pairs.isEmpty
    },
    Mutant(.positions, "patches-from-edge", [], "counts patches from the edge, although coordinates are normalised") {
      guard case .normalized(let extent) = $0.convention.scaling else { return false }
      return $0.mapPositions { ($0 - 1 + Int64(extent)) / 2 }
    },
    Mutant(.positions, "fractions-cut-off", [], "takes positions for integers and cuts off their fractions") {
      $0.cutFractions()
    },
    Mutant(.positions, "positions-bfloat16", ["B19", "B22", "B23"], "rounds positions to bfloat16") {
      $0.mapPositions { ElementType.bfloat16.rounded($0) }
    },
    Mutant(.positions, "positions-float16", ["B21"], "rounds positions to float16") {
      $0.mapPositions { ElementType.float16.rounded($0) }
    },
    Mutant(.positions, "positions-float32", [], "rounds positions to float32, although they go beyond 2^24") {
      $0.derivesFrequencies && $0.mapPositions { Int64(Float($0)) }
    },
    Mutant(.positions, "negative-positions-as-zero", [], "takes negative positions for 0") {
      $0.mapPositions { max(0, $0) }
    },
    Mutant(.positions, "positions-clamped", ["B39"], "has a table that ends at position 4095") {
      $0.mapPositions { min($0, 4095) }
    },
    Mutant(.positions, "positions-int16", [], "keeps only 16 bits of a position") {
      $0.mapPositions { Int64(Int16(truncatingIfNeeded: $0)) }
    },
    Mutant(.positions, "offset-int32", [], "computes the offset of a position in its table with 32 bits") {
      let width = Int64(max(1, 2 * $0.plan.pairs.count))
      return $0.mapPositions { Int64(Int32(truncatingIfNeeded: $0 * width)) / width }
    },
    Mutant(.positions, "positions-int64-as-int32", ["B38"], "reads 64-bit positions as 32-bit ones") {
      guard let positions = $0.positions else { return false }
      return $0.setPositions(
        positions.indices.map { $0.isMultiple(of: 2) ? positions[$0 / 2] : positions[$0 / 2] >> 32 })
    },
  ]
}

extension ElementType {
  /// The integer nearest to a position in this type, at most its largest finite value.
  fileprivate func rounded(_ position: Int64) -> Int64 {
    let value = value(ofBits: bits(rounding: Double(position)))
    return value.isFinite ? Int64(value) : position.signum() * 65_504
  }
}

extension MutantComputation {
  /// Rounds positions towards zero; false if they are integers already.
  fileprivate mutating func cutFractions() -> Bool {
    guard let given = angles.positions, given.integers == nil else { return false }
    let cut = Positions(given.values.map { $0.rounded(.towardZero) }, axisCount: given.axisCount)
    switch angles {
    case .frequencies(let frequencies, let factor, _): angles = .frequencies(frequencies, attentionFactor: factor, cut)
    case .positions: angles = .positions(cut)
    case .none, .table: return false
    }
    return true
  }
}
