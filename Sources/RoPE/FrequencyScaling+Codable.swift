extension FrequencyScaling: Codable {
  // In the form of Hugging Face's `rope_scaling`: one object, whose `rope_type` says what its other keys mean.
  private enum CodingKeys: String, CodingKey {
    case type = "rope_type"
    case factor, alpha, truncate, mscale, extent
    case maxPositionEmbeddings = "max_position_embeddings"
    case originalMaxPositionEmbeddings = "original_max_position_embeddings"
    case betaFast = "beta_fast"
    case betaSlow = "beta_slow"
    case mscaleAllDim = "mscale_all_dim"
    case lowFreqFactor = "low_freq_factor"
    case highFreqFactor = "high_freq_factor"
    case shortFactor = "short_factor"
    case longFactor = "long_factor"
    case partialRotaryFactor = "partial_rotary_factor"
  }

  private enum Kind: String, Codable {
    case none = "default"
    case linear, ntk, dynamic, yarn, llama3, longrope, proportional, normalized
  }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    func number(_ key: CodingKeys) throws -> Double { try values.decode(Double.self, forKey: key) }
    func length(_ key: CodingKeys) throws -> Int { try values.decode(Int.self, forKey: key) }
    switch try values.decode(Kind.self, forKey: .type) {
    case .none: self = .none
    case .linear: self = .linear(factor: try number(.factor))
    case .ntk: self = .ntk(alpha: try number(.alpha))
    case .dynamic:
      self = .dynamic(factor: try number(.factor), maxPositionEmbeddings: try length(.maxPositionEmbeddings))
    case .yarn:
      var yarn = YaRN(
        factor: try number(.factor), originalMaxPositionEmbeddings: try length(.originalMaxPositionEmbeddings))
      yarn.betaFast = try number(.betaFast)
      yarn.betaSlow = try number(.betaSlow)
      yarn.truncate = try values.decode(Bool.self, forKey: .truncate)
      yarn.mscale = try values.decodeIfPresent(Double.self, forKey: .mscale)
      yarn.mscaleAllDim = try values.decodeIfPresent(Double.self, forKey: .mscaleAllDim)
      self = .yarn(yarn)
    case .llama3:
      self = .llama3(
        Llama3(
          factor: try number(.factor), lowFreqFactor: try number(.lowFreqFactor),
          highFreqFactor: try number(.highFreqFactor),
          originalMaxPositionEmbeddings: try length(.originalMaxPositionEmbeddings)))
    case .longrope:
      self = .longrope(
        LongRoPE(
          shortFactor: try values.decode([Double].self, forKey: .shortFactor),
          longFactor: try values.decode([Double].self, forKey: .longFactor),
          originalMaxPositionEmbeddings: try length(.originalMaxPositionEmbeddings), factor: try number(.factor)))
    case .proportional:
      self = .proportional(partialRotaryFactor: try number(.partialRotaryFactor), factor: try number(.factor))
    case .normalized: self = .normalized(extent: try length(.extent))
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(kind, forKey: .type)
    switch self {
    case .none: break
    case .linear(let factor): try values.encode(factor, forKey: .factor)
    case .ntk(let alpha): try values.encode(alpha, forKey: .alpha)
    case .dynamic(let factor, let length):
      try values.encode(factor, forKey: .factor)
      try values.encode(length, forKey: .maxPositionEmbeddings)
    case .yarn(let yarn):
      try values.encode(yarn.factor, forKey: .factor)
      try values.encode(yarn.originalMaxPositionEmbeddings, forKey: .originalMaxPositionEmbeddings)
      try values.encode(yarn.betaFast, forKey: .betaFast)
      try values.encode(yarn.betaSlow, forKey: .betaSlow)
      try values.encode(yarn.truncate, forKey: .truncate)
      try values.encodeIfPresent(yarn.mscale, forKey: .mscale)
      try values.encodeIfPresent(yarn.mscaleAllDim, forKey: .mscaleAllDim)
    case .llama3(let llama3):
      try values.encode(llama3.factor, forKey: .factor)
      try values.encode(llama3.lowFreqFactor, forKey: .lowFreqFactor)
      try values.encode(llama3.highFreqFactor, forKey: .highFreqFactor)
      try values.encode(llama3.originalMaxPositionEmbeddings, forKey: .originalMaxPositionEmbeddings)
    case .longrope(let longrope):
      try values.encode(longrope.shortFactor, forKey: .shortFactor)
      try values.encode(longrope.longFactor, forKey: .longFactor)
      try values.encode(longrope.originalMaxPositionEmbeddings, forKey: .originalMaxPositionEmbeddings)
      try values.encode(longrope.factor, forKey: .factor)
    case .proportional(let share, let factor):
      try values.encode(share, forKey: .partialRotaryFactor)
      try values.encode(factor, forKey: .factor)
    case .normalized(let extent): try values.encode(extent, forKey: .extent)
    }
  }

  private var kind: Kind {
    switch self {
    case .none: .none
    case .linear: .linear
    case .ntk: .ntk
    case .dynamic: .dynamic
    case .yarn: .yarn
    case .llama3: .llama3
    case .longrope: .longrope
    case .proportional: .proportional
    case .normalized: .normalized
    }
  }
}
