extension ExplicitPlan: Codable {
  // The form that people write, with nothing left out: each pair of a list has its four channels, each pair its axis,
  // and a formula its dimension and the keys of its scaling.
  private enum CodingKeys: String, CodingKey {
    case pairs, axes, frequencies
    case headDimension = "head_dim"
    case axisCount = "axis_count"
    case attentionFactor = "attention_factor"
  }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      headDimension: try values.decode(Int.self, forKey: .headDimension),
      pairs: try values.decode(Pairs.self, forKey: .pairs), axes: try values.decode([Int].self, forKey: .axes),
      axisCount: try values.decode(Int.self, forKey: .axisCount),
      frequencies: try values.decode(Frequencies.self, forKey: .frequencies),
      attentionFactor: try values.decodeIfPresent(Double.self, forKey: .attentionFactor))
  }

  public func encode(to encoder: any Encoder) throws {
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

  public init(from decoder: any Decoder) throws {
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

  public func encode(to encoder: any Encoder) throws {
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
  /// `[in, in, out, out]`
  public init(from decoder: any Decoder) throws {
    let channels = try [Int](from: decoder)
    guard channels.count == 4 else {
      throw DecodingError.dataCorrupted(
        DecodingError.Context(
          codingPath: decoder.codingPath, debugDescription: "\(channels.count) channels, must be 4 to a pair"))
    }
    self.init(
      input: Plan.Channels(channels[0], channels[1]), output: Plan.Channels(channels[2], channels[3]))
  }

  public func encode(to encoder: any Encoder) throws {
    try [input.first, input.second, output.first, output.second].encode(to: encoder)
  }
}

extension ExplicitPlan.Frequencies: Codable {
  // Beside them are the keys of the scaling.
  private enum CodingKeys: String, CodingKey {
    case base, dimension
  }

  public init(from decoder: any Decoder) throws {
    guard let values = try? decoder.container(keyedBy: CodingKeys.self) else {
      self = .list(try [Double](from: decoder))
      return
    }
    self = .formula(
      base: try values.decode(Double.self, forKey: .base), dimension: try values.decode(Int.self, forKey: .dimension),
      try FrequencyScaling(from: decoder))
  }

  public func encode(to encoder: any Encoder) throws {
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
