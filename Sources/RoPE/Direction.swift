extension Plan {
  /// The plan for a direction; the inverse swaps the channels read and the channels written.
  package func running(_ direction: Direction) -> Plan {
    guard direction == .inverse else { return self }
    var transpose = self
    transpose.pairs = pairs.map {
      Pair(input: $0.output, output: $0.input, axis: $0.axis, frequency: $0.frequency)
    }
    return transpose
  }
}

extension Angles {
  /// The angles for a direction; the inverse negates the positions, or the sines of a table.
  ///
  /// Both are exact: rounding to float32 is symmetric.
  package func running(_ direction: Direction) -> Angles {
    guard direction == .inverse else { return self }
    switch self {
    case .none: return .none
    case .positions(let positions): return .positions(positions.negated)
    case .frequencies(let frequencies, let factor, let positions):
      return .frequencies(frequencies, attentionFactor: factor, positions.negated)
    case .table(let table, let rows):
      let sign = UInt32(1) << UInt32(8 * table.type.byteCount - 1)
      return .table(
        CosSinTable(
          type: table.type, pairCount: table.pairCount, cosines: table.cosines, sines: table.sines.map { $0 ^ sign }),
        rows: rows)
    }
  }
}
