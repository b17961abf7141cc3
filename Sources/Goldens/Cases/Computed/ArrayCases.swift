import RoPE

/// The cases of the covering array: sizes, types, contracts and placements that models use together, and others.
struct ArrayCases {
  /// Rows of the array, and the values that they stand for.
  let array: CoveringArray
  private let sequences: [Int]

  /// The cases of the default run.
  static let standard = ArrayCases(sequences: ArrayDimensions.sequences, limit: 3 << 19)

  /// The same dimensions with longer rows.
  static let full = ArrayCases(sequences: ArrayDimensions.sequences + [16_384], limit: 1 << 26)

  private init(sequences: [Int], limit: Int) {
    self.sequences = sequences
    array = CoveringArray(
      valueCounts: Self.valueCounts(sequences), tripled: Array(0..<Self.tripledCount), limit: limit
    ) { Self.call($0, sequences).cost }
  }

  /// The calls, in the order of the array's rows.
  var calls: [ArrayCall] { array.rows.map { Self.call($0, sequences) } }

  /// Every triple of values occurs among so many of the first dimensions.
  static let tripledCount = 5

  private static func valueCounts(_ sequences: [Int]) -> [Int] {
    typealias D = ArrayDimensions
    return [
      D.heads.count, D.types.count, D.contracts.count, D.pairings.count, D.inPlace.count, D.memories.count,
      D.batches.count, sequences.count, D.shapes.count, D.directions.count, D.frequencies.count, D.positions.count,
      D.values.count,
    ]
  }

  private static func call(_ row: CoveringArray.Row, _ sequences: [Int]) -> ArrayCall {
    typealias D = ArrayDimensions
    return ArrayCall(
      type: D.types[row[1]], given: D.contracts[row[2]], heads: D.heads[row[0]], pairings: D.pairings[row[3]],
      inPlace: D.inPlace[row[4]], memory: D.memories[row[5]], batch: D.batches[row[6]], sequence: sequences[row[7]],
      shape: D.shapes[row[8]], direction: D.directions[row[9]], frequencies: D.frequencies[row[10]],
      placing: D.positions[row[11]], values: D.values[row[12]])
  }
}
