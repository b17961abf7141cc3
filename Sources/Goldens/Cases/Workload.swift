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
    /// Each tensor in a buffer of its own, with padding after every head, every token and every row of the batch.
    case padded
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
    /// Pairs of the largest values with one output that nearly vanishes: with an attention factor of 2 and more, its
    /// products overflow and it does not.
    case overflowingProducts = "overflowing-products"
    /// Signalling NaN, infinities, −0 and subnormal numbers in channels that are copied; elsewhere as in `spread`.
    case specialCopies = "special-copies"
  }

  /// Tokens of K that are not Q's: their number per row, and the lengths of packed sequences.
  package struct KeyTokens: Codable, Sendable, Equatable {
    /// Tokens per row; all tokens if packed.
    package let sequence: Int
    /// The lengths of packed sequences, some possibly 0; nil if not packed.
    package let sequenceLengths: [Int]?

    init(sequence: Int, sequenceLengths: [Int]? = nil) {
      self.sequence = sequence
      self.sequenceLengths = sequenceLengths
    }

    enum CodingKeys: String, CodingKey {
      case sequence
      case sequenceLengths = "sequence_lengths"
    }
  }

  /// A value that makes a call invalid, so that the right answer is a refusal.
  package enum InvalidValue: String, Codable, Sendable, CaseIterable {
    /// A rotary dimension beyond the head: pairs have channels that the head does not have.
    case rotaryDimension = "rotary-dimension"
    /// A token's row of the table is none of its rows: its position is beyond the cache, or negative.
    case tableRow = "table-row"
    /// The same for a token of K, which has tokens of its own.
    case keyTableRow = "key-table-row"
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
  /// The tokens of K, in number and position, where they are not Q's; nil if they are, or the call has no K.
  package let keyTokens: KeyTokens?
  /// True if the call has no K.
  package let isQueryAlone: Bool
  /// The value in which the call is invalid; nil for a valid call.
  package let invalidValue: InvalidValue?
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
    pattern: Pattern = .spread, direction: Direction = .forward, isSampled: Bool = false,
    keyTokens: KeyTokens? = nil, isQueryAlone: Bool = false, invalidValue: InvalidValue? = nil
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
    self.keyTokens = keyTokens
    self.isQueryAlone = isQueryAlone
    self.invalidValue = invalidValue
  }

  enum CodingKeys: String, CodingKey {
    case name, section, layout, batch, sequence, storage, pattern, direction
    case sequenceLengths = "sequence_lengths"
    case queryHeads = "query_heads"
    case keyHeads = "key_heads"
    case inPlace = "in_place"
    case isSampled = "sampled"
    case keyTokens = "key_tokens"
    case isQueryAlone = "query_alone"
    case invalidValue = "invalid_value"
  }

  /// The tensors of the call.
  package var tensors: [TensorName] { isQueryAlone ? [.query] : TensorName.rotated }

  /// Tokens of Q in all rows.
  package var tokenCount: Int { batch * sequence }

  /// Tokens of a tensor per row; all tokens if packed.
  package func sequence(of tensor: TensorName) -> Int {
    tensor == .key ? keyTokens?.sequence ?? sequence : sequence
  }

  /// Tokens of a tensor in all rows.
  package func tokenCount(of tensor: TensorName) -> Int { batch * sequence(of: tensor) }

  /// The lengths of a tensor's packed sequences; nil if not packed.
  package func sequenceLengths(of tensor: TensorName) -> [Int]? {
    tensor == .key && keyTokens != nil ? keyTokens?.sequenceLengths : sequenceLengths
  }

  /// The token at which each packed sequence of a tensor begins, then the number of tokens; nil if not packed.
  package func sequenceStarts(of tensor: TensorName) -> [Int32]? {
    sequenceLengths(of: tensor)?.reduce(into: [0]) { $0.append($0[$0.count - 1] + Int32($1)) }
  }

  /// Heads of a tensor per token; 0 if the call does not have it.
  package func heads(of tensor: TensorName) -> Int {
    tensor == .query ? queryHeads : isQueryAlone ? 0 : keyHeads
  }

  /// Heads of all tokens, Q's and K's.
  package var rowCount: Int { tensors.reduce(0) { $0 + tokenCount(of: $1) * heads(of: $1) } }

  /// The shape of a tensor as the golden stores it, with the names of its axes.
  package func axes(of tensor: TensorName, headDimension: Int) -> [(name: String, count: Int)] {
    let heads = heads(of: tensor), sequence = sequence(of: tensor)
    return switch layout {
    case .bshd: [("batch", batch), ("sequence", sequence), ("head", heads), ("channel", headDimension)]
    case .bhsd: [("batch", batch), ("head", heads), ("sequence", sequence), ("channel", headDimension)]
    case .thd: [("token", sequence), ("head", heads), ("channel", headDimension)]
    }
  }

  /// The strides of a tensor as the golden stores it.
  package func strides(of tensor: TensorName, headDimension: Int) -> Strides {
    Strides(layout, sequence: sequence(of: tensor), heads: heads(of: tensor), headDimension: headDimension)
  }
}
