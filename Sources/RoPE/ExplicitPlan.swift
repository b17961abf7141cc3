/// A convention written out as pairs, axes and frequencies, for what no ``Configuration`` expresses.
public struct ExplicitPlan: Sendable, Equatable {
  /// Which channels rotate together.
  public enum Pairs: Sendable, Equatable {
    /// `count` pairs of a slice of the head that begins at channel `offset`.
    case rule(Pairing, output: Pairing, count: Int, offset: Int)
    /// One by one.
    case list([PairedChannels])
  }

  /// The channels that one pair reads, and those that it writes.
  public struct PairedChannels: Sendable, Equatable {
    public let input: Plan.Channels
    public let output: Plan.Channels

    public init(input: Plan.Channels, output: Plan.Channels) {
      self.input = input
      self.output = output
    }
  }

  /// The frequency of each pair in radians per position.
  public enum Frequencies: Sendable, Equatable {
    /// `base^(−2i/dimension)` of pair `i`, and what a scaling makes of it.
    case formula(base: Double, dimension: Int, FrequencyScaling)
    /// One by one.
    case list([Double])
  }

  /// Channels per head, `D`.
  public var headDimension: Int
  public var pairs: Pairs
  /// The position axis of each pair.
  public var axes: [Int]
  /// Coordinates in a token's position.
  public var axisCount: Int
  public var frequencies: Frequencies
  /// The multiplier on cosine and sine, `A`, where it does not follow from the scaling.
  public var attentionFactor: Double?

  public init(
    headDimension: Int, pairs: Pairs, axes: [Int], axisCount: Int, frequencies: Frequencies,
    attentionFactor: Double? = nil
  ) {
    self.headDimension = headDimension
    self.pairs = pairs
    self.axes = axes
    self.axisCount = axisCount
    self.frequencies = frequencies
    self.attentionFactor = attentionFactor
  }

  /// How many pairs there are.
  public var pairCount: Int {
    switch pairs {
    case .rule(_, _, let count, _): count
    case .list(let pairs): pairs.count
    }
  }

  /// What is done to the frequencies of a formula; a list is final.
  public var scaling: FrequencyScaling {
    if case .formula(_, _, let scaling) = frequencies { scaling } else { .none }
  }
}

extension Plan {
  /// The normal form of an explicit plan.
  ///
  /// - Parameter length: the largest position of the call plus one, on which dynamic NTK and LongRoPE depend.
  /// - Throws: ``PlanError`` where the pairs are no rotations, ``ConfigurationError`` where a formula makes no
  ///   frequencies.
  public init(_ explicit: ExplicitPlan, length: Int = 1) throws {
    let channels = try explicit.pairedChannels()
    guard explicit.axes.count == channels.count else {
      throw PlanError.axes(count: explicit.axes.count, pairCount: channels.count)
    }
    let table = try explicit.table(length: length)
    try self.init(
      headDimension: explicit.headDimension,
      pairs: zip(channels, explicit.axes).enumerated().map { index, pair in
        Pair(
          input: pair.0.input, output: pair.0.output, axis: pair.1, frequency: Frequency(table: table, index: index))
      },
      attentionFactor: explicit.attentionFactor.map { .value($0) } ?? explicit.scaling.attentionFactor,
      axisCount: explicit.axisCount)
  }
}

extension ExplicitPlan {
  /// The channels of each pair. A rule's are checked before any list of them is made.
  fileprivate func pairedChannels() throws(PlanError) -> [PairedChannels] {
    switch pairs {
    case .list(let pairs): return pairs
    case .rule(let input, let output, let count, let offset):
      guard (0...max(headDimension / 2, 0)).contains(count) else {
        throw .pairCount(count, headDimension: headDimension)
      }
      guard offset >= 0, offset <= headDimension - 2 * count else {
        throw .offset(offset, largest: headDimension - 2 * count)
      }
      return (0..<count).map {
        PairedChannels(
          input: input.channels(ofPair: $0, of: count, from: offset),
          output: output.channels(ofPair: $0, of: count, from: offset))
      }
    }
  }

  fileprivate func table(length: Int) throws -> FrequencyTable {
    switch frequencies {
    case .formula(let base, let dimension, let scaling):
      return try .formula(base: base, dimension: dimension, scaling: scaling, length: length)
    case .list(let values):
      guard values.count == pairCount else {
        throw PlanError.frequencies(count: values.count, pairCount: pairCount)
      }
      return .list(values)
    }
  }
}
