import RoPE

/// A kind of call, apart from model, element type and contract: shape, memory layout and values of the inputs.
package struct Workload: Codable, Sendable, Equatable {
  /// The part of the suite that a case belongs to.
  package enum Section: String, Codable, Sendable, CaseIterable {
    case noRoPE = "no RoPE"
    case withRoPE = "with RoPE"
    case ropeDisabled = "RoPE disabled"
    case batch
    case heads
    case largeSequence = "large sequence"
    case singleToken = "single token"
    case ragged
    case strided
    case coveringArray = "covering array"
  }

  /// The placement of Q and K in the buffers that a backend is given.
  package enum Storage: String, Codable, Sendable, CaseIterable {
    /// Each tensor contiguous in a buffer of its own.
    case separate
    /// Slices of one buffer that holds Q, K and V of each token side by side.
    case fusedQKV = "fused-qkv"
    /// Each tensor in a buffer of its own, one element off alignment, with padding after every token.
    case misaligned
    /// Each tensor in every second element of a buffer of its own: no two channels are neighbours.
    case channelsApart = "channels-apart"
  }

  /// The kind of values that Q and K hold.
  package enum Pattern: String, Codable, Sendable, CaseIterable {
    /// Both signs, magnitudes from 2^-6 to 2^3, full significands.
    case spread
    /// Pairs with one output that nearly vanishes.
    case cancellation
    /// Subnormal numbers and the smallest normal ones.
    case subnormal
    /// Infinities and NaN among finite values.
    case nonFinite = "non-finite"
    /// Values as in `spread`, but the same in every row of the batch.
    case equalRows = "equal-rows"
    /// Magnitudes up to the largest finite value, so that some results are infinite.
    case largest
    /// Results on both sides of the value from which rounding gives infinity, such as 65,520 in float16.
    case overflowEdge = "overflow-edge"
    /// Pairs of large values with one output that nearly vanishes: with an attention factor above 1, each product
    /// overflows and the result does not.
    case overflowingProducts = "overflowing-products"
    /// Signalling NaN, infinities, −0 and subnormal numbers in channels that are copied; elsewhere as in `spread`.
    case specialCopies = "special-copies"
  }

  /// The name that case names use, such as `batch-decode`.
  package let name: String
  /// The part of the suite that its cases belong to.
  package let section: Section
  /// The order of the axes in the golden, and in buffers that are contiguous.
  package let layout: Layout
  /// Rows of the batch; 1 if packed.
  package let batch: Int
  /// Tokens per row; all tokens if packed.
  package let sequence: Int
  /// The lengths of packed sequences, some possibly 0; nil if not packed.
  package let sequenceLengths: [Int]?
  /// Heads of Q per token.
  package let queryHeads: Int
  /// Heads of K per token.
  package let keyHeads: Int
  /// The placement of Q and K in the buffers.
  package let storage: Storage
  /// True if the outputs replace the inputs.
  package let inPlace: Bool
  /// The kind of values that Q and K hold.
  package let pattern: Pattern
  /// The direction of rotation.
  package let direction: Direction
  /// True if the golden stores only the expected outputs of some tokens; the inputs then follow from the seed, and
  /// token `t` has position `t`.
  package let isSampled: Bool

  init(
    _ name: String, _ section: Section, batch: Int = 1, sequence: Int, heads: (query: Int, key: Int),
    layout: Layout = .bshd, sequenceLengths: [Int]? = nil, storage: Storage = .separate, inPlace: Bool = false,
    pattern: Pattern = .spread, direction: Direction = .forward, isSampled: Bool = false
  ) {
    self.name = name
    self.section = section
    self.layout = layout
    self.batch = batch
    self.sequence = sequence
    self.sequenceLengths = sequenceLengths
    queryHeads = heads.query
    keyHeads = heads.key
    self.storage = storage
    self.inPlace = inPlace
    self.pattern = pattern
    self.direction = direction
    self.isSampled = isSampled
  }

  enum CodingKeys: String, CodingKey {
    case name, section, layout, batch, sequence, storage, pattern, direction
    case sequenceLengths = "sequence_lengths"
    case queryHeads = "query_heads"
    case keyHeads = "key_heads"
    case inPlace = "in_place"
    case isSampled = "sampled"
  }

  /// Tokens in all rows.
  package var tokenCount: Int { batch * sequence }

  /// Heads of a tensor per token.
  package func heads(of tensor: TensorName) -> Int { tensor == .key ? keyHeads : queryHeads }

  /// The shape of a tensor as the golden stores it, with the names of its axes.
  package func axes(of tensor: TensorName, headDimension: Int) -> [(name: String, count: Int)] {
    let heads = heads(of: tensor)
    return switch layout {
    case .bshd: [("batch", batch), ("sequence", sequence), ("head", heads), ("channel", headDimension)]
    case .bhsd: [("batch", batch), ("head", heads), ("sequence", sequence), ("channel", headDimension)]
    case .thd: [("token", sequence), ("head", heads), ("channel", headDimension)]
    }
  }

  /// The strides of a tensor as the golden stores it.
  package func strides(of tensor: TensorName, headDimension: Int) -> Strides {
    Strides(layout, sequence: sequence, heads: heads(of: tensor), headDimension: headDimension)
  }
}
