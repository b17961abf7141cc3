import RoPE

/// A workload with the position of each of its tokens.
struct PlacedWorkload {
  let workload: Workload
  let positions: [Int64]

  init(_ workload: Workload, _ positions: [Int64]) {
    precondition(positions.count == workload.tokenCount, "\(workload.name): \(positions.count) positions")
    self.workload = workload
    self.positions = positions
  }
}

/// Workloads, each for a kind of mistake. In each, the numbers of rows, tokens and heads differ, and strided batches
/// also have several key heads, so that a swapped or forgotten axis cannot hide.
extension PlacedWorkload {
  /// One token, not at position 0: the smallest call.
  ///
  /// A launch that assumes a full block fails here.
  static let singleToken = PlacedWorkload(
    Workload("single-token", .singleToken, sequence: 1, heads: (3, 2)), [11])

  /// A short prompt from 0: pairing, signs, frequencies, partial rotary.
  static let prompt = PlacedWorkload(Workload("prompt", .withRoPE, sequence: 5, heads: (2, 1)), run(0, 5))

  /// Every power-of-two boundary at which a position or an angle loses bits: 2^8 and 2^12 in 16-bit types, 2^15 in
  /// int16, 2^17 and 2^20 in float32 angles; 48039 is a position where float32 sine approximations are worst.
  static let positionGrid = PlacedWorkload(
    Workload("position-grid", .largeSequence, sequence: grid.count, heads: (2, 1)), grid)

  /// Negative positions (the inverse rotation), one that float32 cannot hold, and both ends of the range.
  static let positionsExtreme = PlacedWorkload(
    Workload("positions-extreme", .largeSequence, sequence: 5, heads: (2, 1)),
    [-2_147_483_647, -48_039, -1, 16_777_217, 2_147_483_647])

  /// Grouped queries: more query than key heads, and more than one key head.
  static let headsGrouped = PlacedWorkload(Workload("heads-grouped", .heads, sequence: 3, heads: (7, 2)), run(5, 3))

  /// Head counts that divide neither each other nor a power of two.
  static let headsUneven = PlacedWorkload(Workload("heads-uneven", .heads, sequence: 2, heads: (5, 3)), run(29, 2))

  /// Rows of one batch with different positions: a kernel that uses the first row's for all fails.
  static let batch = PlacedWorkload(
    Workload("batch", .batch, batch: 3, sequence: 2, heads: (5, 1)), run(0, 2) + run(1000, 2) + run(40, 2))

  /// The same row three times: the result of a row must not depend on its index in the batch.
  static let batchEqualRows = PlacedWorkload(
    Workload("batch-equal-rows", .batch, batch: 3, sequence: 2, heads: (5, 1), pattern: .equalRows),
    run(37, 2) + run(37, 2) + run(37, 2))

  /// One new token per row, each after its own cache: a kernel that ignores the offsets, or uses row 0's, fails.
  static let batchDecode = PlacedWorkload(
    Workload("batch-decode", .batch, batch: 3, sequence: 1, heads: (5, 2)), [17, 4099, 911])

  /// Rows padded on the left; their padding tokens have position 1 as in transformers.
  static let batchLeftPadded = PlacedWorkload(
    Workload("batch-left-padded", .batch, batch: 2, sequence: 5, heads: (3, 1)), [1, 1, 1, 0, 1] + run(0, 5))

  /// Packed sequences of different lengths, one of them empty, positions from 0 in each.
  static let ragged = PlacedWorkload(
    Workload(
      "ragged", .ragged, sequence: 11, heads: (2, 1), layout: .thd, sequenceLengths: [3, 1, 0, 5, 2]),
    run(0, 3) + run(0, 1) + run(0, 5) + run(0, 2))

  /// Packed sequences after a cache, padded within their boundaries, and the tokens of one of two ranks that share a
  /// context: positions that no running counter gives.
  static let raggedOffsetPadded = PlacedWorkload(
    Workload(
      "ragged-offset-padded", .ragged, sequence: 9, heads: (2, 1), layout: .thd, sequenceLengths: [3, 2, 4]),
    [17, 18, 0, 4099, 0, 0, 3, 4, 7])

  /// Slices of one fused QKV buffer, rotated in place; V lies between the tokens and must not change.
  static let fusedInPlace = PlacedWorkload(
    Workload(
      "fused-qkv-in-place", .strided, batch: 2, sequence: 3, heads: (5, 4), storage: .fusedQKV, inPlace: true),
    run(7, 3) + run(70, 3))

  /// Slices of one fused QKV buffer, into contiguous outputs: input and output strides differ.
  static let fused = PlacedWorkload(
    Workload("fused-qkv", .strided, batch: 2, sequence: 3, heads: (5, 4), storage: .fusedQKV),
    run(9, 3) + run(90, 3))

  /// Heads before tokens in memory.
  static let headsFirst = PlacedWorkload(
    Workload("bhsd", .strided, batch: 2, sequence: 3, heads: (5, 4), layout: .bhsd), run(3, 3) + run(300, 3))

  /// Heads before tokens in memory, in place.
  static let headsFirstInPlace = PlacedWorkload(
    Workload("bhsd-in-place", .strided, batch: 2, sequence: 3, heads: (5, 4), layout: .bhsd, inPlace: true),
    run(4, 3) + run(400, 3))

  /// Contiguous and in place: shows whether a pair is written before both of its inputs are read.
  static let inPlace = PlacedWorkload(
    Workload("in-place", .withRoPE, sequence: 3, heads: (5, 2), inPlace: true), run(13, 3))

  /// One element off alignment and padded after every token: wide accesses fault or read the neighbour.
  static let misaligned = PlacedWorkload(
    Workload("misaligned", .strided, sequence: 3, heads: (5, 2), storage: .misaligned), run(21, 3))

  /// No two channels are neighbours.
  static let channelsApart = PlacedWorkload(
    Workload("channels-apart", .strided, sequence: 2, heads: (3, 1), storage: .channelsApart), run(33, 2))

  /// Outputs near zero from large terms: a tolerance relative to the output alone fails right kernels here.
  static let cancellation = PlacedWorkload(
    Workload("cancellation", .withRoPE, sequence: 3, heads: (2, 1), pattern: .cancellation), [1, 100, 5003])

  /// Subnormal inputs and outputs, which reveal flushing to zero.
  static let subnormal = PlacedWorkload(
    Workload("subnormal", .withRoPE, sequence: 3, heads: (2, 1), pattern: .subnormal), [2, 50, 2003])

  /// Infinities and NaN must stay in their pair, and those in copied channels keep their bits.
  ///
  /// No position is 0, because sine is 0 there, and its product with an infinity is a matter of taste.
  static let nonFinite = PlacedWorkload(
    Workload("non-finite", .withRoPE, sequence: 3, heads: (2, 1), pattern: .nonFinite), [3, 70, 3001])

  /// A layer that does not rotate, in a model with RoPE.
  static let ropeDisabled = PlacedWorkload(
    Workload("rope-disabled", .ropeDisabled, sequence: 3, heads: (5, 2)), run(8, 3))

  /// 131,072 tokens in one launch: 32-bit offsets, grid limits, and drift over the whole context.
  static let long = PlacedWorkload(
    Workload("long", .largeSequence, sequence: 131_072, heads: (2, 1), isSampled: true), run(0, 131_072))

  /// The transpose, which the backward pass runs.
  static let backward = PlacedWorkload(
    Workload("backward", .withRoPE, sequence: 3, heads: (2, 1), direction: .inverse), [1, 18, 2003])

  /// One position for each format that loses it: bfloat16, float16, int16, float32 angles.
  static let far = PlacedWorkload(
    Workload("far", .largeSequence, sequence: 5, heads: (2, 1)), [257, 2049, 32_769, 131_071, 1_048_575])

  /// The patterns of GLM's position ids, one per row: causal, bidirectional, a local window that restarts, and global
  /// tokens at 0 among local ones.
  static let positionPatterns = PlacedWorkload(
    Workload("position-patterns", .batch, batch: 4, sequence: 5, heads: (2, 1)),
    run(0, 5) + [2, 1, 0, 1, 2] + [0, 1, 2, 0, 1] + [0, 7, 0, 8, 9])

  /// A call of this length, whose last position is one less.
  ///
  /// The formula of a scaling can depend on the length.
  static func length(_ length: Int) -> PlacedWorkload {
    PlacedWorkload(
      Workload("length-\(length)", .largeSequence, sequence: 2, heads: (3, 1)),
      [min(5, Int64(length) - 1), Int64(length) - 1])
  }

  /// Patches of an image from edge to edge, as the integers that normalised coordinates come from: a kernel that takes
  /// positions for unsigned, or counts them from the edge, fails.
  ///
  /// Half the extent is half a turn.
  static func patches(of extent: Int) -> PlacedWorkload {
    let last = Int64(extent) - 1
    return PlacedWorkload(
      Workload("patches", .withRoPE, sequence: 5, heads: (3, 1)), [-last, 2 - last, last % 2, Int64(extent) / 2, last])
  }

  /// A prompt of 509 tokens with a model's own heads.
  static func fullPrompt(_ heads: PerTensor<Int>) -> PlacedWorkload {
    PlacedWorkload(
      Workload("full-prompt", .largeSequence, sequence: 509, heads: (heads.query, heads.key)), run(3000, 509))
  }

  /// One new token for each of 17 rows with a model's own heads.
  static func fullDecode(_ heads: PerTensor<Int>) -> PlacedWorkload {
    PlacedWorkload(
      Workload("full-decode", .batch, batch: 17, sequence: 1, heads: (heads.query, heads.key)),
      (0..<17).map { 997 * $0 + 1 })
  }

  /// The position ids on each of several axes, `[axes, tokens]`; the first axis has the workload's own.
  ///
  /// No two axes agree anywhere, because their remainders differ. If axes agree, sections have no effect, as in a text
  /// model.
  func positions(axisCount: Int) -> Positions {
    let count = Int64(axisCount)
    func remainder(_ value: Int64) -> Int64 { ((value % count) + count) % count }
    let values = (0..<count).flatMap { axis in
      positions.map { position -> Int64 in
        guard axis > 0 else { return position }
        let slower = position / (axis + 1)
        return slower - remainder(slower) + 2 * count * axis + remainder(position + axis)
      }
    }
    return Positions(values, axisCount: axisCount)
  }

  private static let grid: [Int64] = [
    0, 1, 2, 255, 256, 257, 2047, 2048, 2049, 4095, 4096, 4097, 8191, 32767, 48039, 65536, 131_071, 1_048_575,
  ]

  static func run(_ first: Int64, _ count: Int64) -> [Int64] { Array(first..<first + count) }
}
