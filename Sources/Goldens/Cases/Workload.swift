public import RoPE

/// What is rotated, apart from model, element type and contract: shape, memory layout and kind of input.
public struct Workload: Codable, Sendable, Equatable {
  /// The part of the suite that a case belongs to.
  public enum Section: String, Codable, Sendable, CaseIterable {
    case noRoPE = "no RoPE"
    case withRoPE = "with RoPE"
    case ropeDisabled = "RoPE disabled"
    case batch
    case heads
    case largeSequence = "large sequence"
    case singleToken = "single token"
    case ragged
    case strided
  }

  /// How Q and K lie in the buffers that a backend is given.
  public enum Storage: String, Codable, Sendable, CaseIterable {
    /// Each tensor contiguous in a buffer of its own.
    case separate
    /// Slices of one buffer that holds Q, K and V of a token side by side.
    case fusedQKV = "fused-qkv"
    /// In buffers of their own, one element off alignment, with padding after every token.
    case misaligned
    /// In buffers of their own, every second element: no two channels are neighbours.
    case channelsApart = "channels-apart"
  }

  /// What kind of values Q and K hold.
  public enum Pattern: String, Codable, Sendable, CaseIterable {
    /// Both signs, magnitudes from 2^-6 to 2^3, full significands.
    case spread
    /// Pairs of which one output nearly vanishes.
    case cancellation
    /// Subnormal numbers and the smallest normal ones.
    case subnormal
    /// Infinities and NaN among finite values.
    case nonFinite = "non-finite"
    /// As `spread`, but the same in every row of the batch.
    case equalRows = "equal-rows"
  }

  /// The name that case names use, such as `batch-decode`.
  public let name: String
  /// The part of the suite that its cases belong to.
  public let section: Section
  /// The order of the axes in the golden, and in buffers that are contiguous.
  public let layout: Layout
  /// Rows of the batch; 1 if packed.
  public let batch: Int
  /// Tokens per row; all tokens if packed.
  public let sequence: Int
  /// The lengths of packed sequences, some possibly 0; nil if not packed.
  public let sequenceLengths: [Int]?
  /// Heads of Q per token.
  public let queryHeads: Int
  /// Heads of K per token.
  public let keyHeads: Int
  /// How Q and K lie in the buffers.
  public let storage: Storage
  /// Whether the outputs replace the inputs.
  public let inPlace: Bool
  /// What kind of values Q and K hold.
  public let pattern: Pattern
  /// The sense of rotation.
  public let direction: Direction
  /// Whether the golden stores only the expected outputs of some tokens; the inputs follow from the seed and token
  /// `t` has position `t`.
  public let isSampled: Bool

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
  public var tokenCount: Int { batch * sequence }

  /// The shape of Q or K as the golden stores it, with the names of its axes.
  public func axes(heads: Int, headDimension: Int) -> [(name: String, count: Int)] {
    switch layout {
    case .bshd: [("batch", batch), ("sequence", sequence), ("head", heads), ("channel", headDimension)]
    case .bhsd: [("batch", batch), ("head", heads), ("sequence", sequence), ("channel", headDimension)]
    case .thd: [("token", sequence), ("head", heads), ("channel", headDimension)]
    }
  }

  /// The strides of Q or K as the golden stores it.
  public func strides(heads: Int, headDimension: Int) -> Strides {
    Strides(layout, sequence: sequence, heads: heads, headDimension: headDimension)
  }
}
