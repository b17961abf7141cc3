/// A convention written out as pairs, axes and frequencies, for a rotation that no ``Configuration`` can express.
package struct ExplicitPlan: Sendable, Equatable {
  /// The channels that rotate together.
  package enum Pairs: Sendable, Equatable {
    /// `count` pairs of a slice of the head that begins at channel `offset`.
    case rule(Pairing, output: Pairing, count: Int, offset: Int)
    /// Pairs listed one by one.
    case list([PairedChannels])
  }

  /// The channels that one pair reads, and those that it writes.
  package struct PairedChannels: Sendable, Equatable {
    package let input: Plan.Channels
    package let output: Plan.Channels

    package init(input: Plan.Channels, output: Plan.Channels) {
      self.input = input
      self.output = output
    }
  }

  /// The frequency of each pair in radians per position.
  package enum Frequencies: Sendable, Equatable {
    /// `base^(−2i/dimension)` for pair `i`, changed by a scaling.
    case formula(base: Double, dimension: Int, FrequencyScaling)
    /// Frequencies listed one by one.
    case list([Double])
  }

  /// Channels per head, `D`.
  package var headDimension: Int
  package var pairs: Pairs
  /// The position axis of each pair.
  package var axes: [Int]
  /// Coordinates in a token's position.
  package var axisCount: Int
  package var frequencies: Frequencies
  /// The multiplier `A` on cosine and sine; nil if it follows from the scaling.
  package var attentionFactor: Double?

  package init(
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

  /// The number of pairs.
  package var pairCount: Int {
    switch pairs {
    case .rule(_, _, let count, _): count
    case .list(let pairs): pairs.count
    }
  }

  /// The scaling of a formula; none for a list, whose values are final.
  package var scaling: FrequencyScaling {
    if case .formula(_, _, let scaling) = frequencies { scaling } else { .none }
  }
}

extension Plan {
  /// The normal form of an explicit plan.
  ///
  /// `length` is the largest position of the call plus one, on which dynamic NTK and LongRoPE depend.
  ///
  /// - Throws: ``PlanError`` if the pairs are not rotations, ``ConfigurationError`` if a formula yields no frequencies.
  package init(_ explicit: ExplicitPlan, length: Int = 1) throws {
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
  /// The channels of each pair.
  ///
  /// A rule is checked before its list of channels is made.
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

extension ExplicitPlan: Codable {
  // The JSON that people write, with nothing left out: four channels for each listed pair, an axis for each pair, and
  // for a formula its dimension and the keys of its scaling.
  private enum CodingKeys: String, CodingKey {
    case pairs, axes, frequencies
    case headDimension = "head_dim"
    case axisCount = "axis_count"
    case attentionFactor = "attention_factor"
  }

  package init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      headDimension: try values.decode(Int.self, forKey: .headDimension),
      pairs: try values.decode(Pairs.self, forKey: .pairs), axes: try values.decode([Int].self, forKey: .axes),
      axisCount: try values.decode(Int.self, forKey: .axisCount),
      frequencies: try values.decode(Frequencies.self, forKey: .frequencies),
      attentionFactor: try values.decodeIfPresent(Double.self, forKey: .attentionFactor))
  }

  package func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(headDimension, forKey: .headDimension)
    try values.encode(pairs, forKey: .pairs)
    try values.encode(axes, forKey: .axes)
    try values.encode(axisCount, forKey: .axisCount)
    try values.encode(frequencies, forKey: .frequencies)
    try values.encodeIfPresent(attentionFactor, forKey: .attentionFactor)
  }
}

extension ExplicitPlan.Pairs: Codable {
  private enum CodingKeys: String, CodingKey {
    case rule, count, offset
    case output = "output_rule"
  }

  package init(from decoder: any Decoder) throws {
    guard let values = try? decoder.container(keyedBy: CodingKeys.self) else {
      self = .list(try [ExplicitPlan.PairedChannels](from: decoder))
      return
    }
    let count = try values.decode(Int.self, forKey: .count)
    guard (0...1 << 16).contains(count) else {
      throw DecodingError.dataCorruptedError(
        forKey: .count, in: values, debugDescription: "\(count) pairs, must lie between 0 and 65536")
    }
    self = .rule(
      try values.decode(Pairing.self, forKey: .rule), output: try values.decode(Pairing.self, forKey: .output),
      count: count, offset: try values.decode(Int.self, forKey: .offset))
  }

  package func encode(to encoder: any Encoder) throws {
    switch self {
    case .list(let pairs): try pairs.encode(to: encoder)
    case .rule(let input, let output, let count, let offset):
      var values = encoder.container(keyedBy: CodingKeys.self)
      try values.encode(input, forKey: .rule)
      try values.encode(output, forKey: .output)
      try values.encode(count, forKey: .count)
      try values.encode(offset, forKey: .offset)
    }
  }
}

extension ExplicitPlan.PairedChannels: Codable {
  /// Reads `[in, in, out, out]`.
  package init(from decoder: any Decoder) throws {
    let channels = try [Int](from: decoder)
    guard channels.count == 4 else {
      throw DecodingError.dataCorrupted(
        DecodingError.Context(
          codingPath: decoder.codingPath, debugDescription: "\(channels.count) channels, must be 4 to a pair"))
    }
    self.init(
      input: Plan.Channels(channels[0], channels[1]), output: Plan.Channels(channels[2], channels[3]))
  }

  package func encode(to encoder: any Encoder) throws {
    try [input.first, input.second, output.first, output.second].encode(to: encoder)
  }
}

extension ExplicitPlan.Frequencies: Codable {
  // The keys of the scaling are in the same object.
  private enum CodingKeys: String, CodingKey {
    case base, dimension
  }

  package init(from decoder: any Decoder) throws {
    guard let values = try? decoder.container(keyedBy: CodingKeys.self) else {
      self = .list(try [Double](from: decoder))
      return
    }
    self = .formula(
      base: try values.decode(Double.self, forKey: .base), dimension: try values.decode(Int.self, forKey: .dimension),
      try FrequencyScaling(from: decoder))
  }

  package func encode(to encoder: any Encoder) throws {
    switch self {
    case .list(let values): try values.encode(to: encoder)
    case .formula(let base, let dimension, let scaling):
      var values = encoder.container(keyedBy: CodingKeys.self)
      try values.encode(base, forKey: .base)
      try values.encode(dimension, forKey: .dimension)
      try scaling.encode(to: encoder)
    }
  }
}
