import RoPE

/// The dimensions in which calls of a kernel differ, and the values of each: the table that the covering array combines.
///
/// Every pair of values occurs together in a case, and every triple of types, contracts and ``values``, and of
/// any three of types, contracts, heads, pairings and ``inPlace``; ``ArrayCases`` leaves out those that have no effect together. The first
/// value of each dimension is the cheapest.
enum ArrayDimensions {
  static let types: [ElementType] = [.float32, .float16, .bfloat16]

  static let contracts: [ArrayCall.GivenAngles] = [.positions, .frequencies, .table, .tableOfOtherType]

  /// Query and key heads of a token: one of each, many for one (multi-query), as many (multi-head), grouped by 4 and by
  /// 8, and more keys than queries.
  static let heads: [PerTensor<Int>] = [(1, 1), (2, 5), (8, 8), (32, 8), (64, 8), (33, 33), (128, 1)].map {
    PerTensor(query: $0.0, key: $0.1)
  }

  /// The pairing of the channels read and of those written.
  static let pairings: [ArrayCall.Pairings] = [
    .init(input: .half, output: .half), .init(input: .interleaved, output: .interleaved),
    .init(input: .interleaved, output: .half),
  ]

  static let inPlace = [false, true]

  static let memories: [ArrayCall.Memory] = [
    .plain, .headsFirst, .packed, .fusedQKV, .padded, .misaligned, .channelsApart,
  ]

  /// Rows of the batch, or packed sequences.
  static let batches = [1, 2, 5, 17]

  /// Tokens of a row: a decoding step; short prompts; powers of two, which fill the tiles of a kernel; and one beyond
  /// 1,024 and 2,048, at which kernels change their path.
  static let sequences = [1, 3, 16, 19, 64, 67, 1_024, 2_100]

  /// The channels of a head: those that rotate, and where they begin.
  static let shapes: [ArrayCall.Shape] = [
    .init(head: 6, rotary: 6),
    .init(head: 64, rotary: 32),
    .init(head: 64, rotary: 32, offset: 32),
    .init(head: 40, rotary: 18, offset: 3),
    .init(head: 70, rotary: 70),
    .init(head: 80, rotary: 80),
    .init(head: 128, rotary: 128),
    .init(head: 256, rotary: 256),
    .init(head: 576, rotary: 64, offset: 512),
    .init(head: 1_024, rotary: 1_024),
  ]

  static let directions: [Direction] = [.forward, .inverse]

  static let frequencies: [ArrayCall.Frequencies] = [.plain, .llama3, .yarn, .threeAxes]

  static let positions: [ArrayCall.Placing] = [.fromZero, .afterCache, .far, .exchanged, .scattered]

  static let values: [Workload.Pattern] = [
    .spread, .specialCopies, .subnormal, .nonFinite, .largest, .cancellation, .overflowEdge, .overflowingProducts,
  ]
}
