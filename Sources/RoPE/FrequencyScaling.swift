/// A change to the inverse frequencies `base^(−2i/R)`, with Hugging Face's parameter names.
///
/// The formulas are those of transformers 5.23.0, `modeling_rope_utils.py`, in real arithmetic; YaRN is by Peng et al.
/// (2023), LongRoPE by Ding et al. (2024).
package enum FrequencyScaling: Sendable, Equatable {
  /// `f_i = base^(−2i/R)`.
  case none
  /// `f_i / factor`.
  case linear(factor: Double)
  /// The base is `base · alpha^(R/(R−2))`, whatever the length of the call (NTK-aware, static; Hunyuan).
  case ntk(alpha: Double)
  /// The base is `base · (factor · L/Lmax − (factor − 1))^(R/(R−2))` with `L` the length of the call, at least
  /// `Lmax = maxPositionEmbeddings`.
  case dynamic(factor: Double, maxPositionEmbeddings: Int)
  case yarn(YaRN)
  case llama3(Llama3)
  case longrope(LongRoPE)
  /// `f_i / factor` for the first pairs, a share `partialRotaryFactor` of the head, and 0 for the others (Gemma-4,
  /// full-attention layers).
  case proportional(partialRotaryFactor: Double, factor: Double)
  /// `f_i · 2π/extent`, for coordinates that a model normalises to −1...1 over `extent` patches and measures in turns
  /// (DINOv3): the coordinate of patch `p` is `(2p + 1)/extent − 1`, and its position here is the integer
  /// `2p + 1 − extent`, negative before the middle.
  case normalized(extent: Int)

  /// `f_i/s · r_i + f_i · (1 − r_i)`, where the ramp `r_i` climbs from 0 to 1 between the pairs that turn `betaFast`
  /// and `betaSlow` times over the original length.
  package struct YaRN: Sendable, Equatable {
    /// The extension `s` of the original length.
    package var factor: Double
    package var originalMaxPositionEmbeddings: Int
    /// Turns over the original length from which a frequency stays unchanged.
    package var betaFast = 32.0
    /// Turns over the original length up to which a frequency is divided by the factor.
    package var betaSlow = 1.0
    /// True if the ends of the ramp are rounded outwards to whole pairs.
    package var truncate = true
    /// If this and `mscaleAllDim` are given and not 0, the attention factor is `g(mscale)/g(mscaleAllDim)`.
    package var mscale: Double?
    package var mscaleAllDim: Double?

    /// The given parameters; all others are the class defaults.
    package init(factor: Double, originalMaxPositionEmbeddings: Int) {
      self.factor = factor
      self.originalMaxPositionEmbeddings = originalMaxPositionEmbeddings
    }
  }

  /// Frequencies with wavelengths above `original/lowFreqFactor` are divided by the factor, those with wavelengths
  /// below `original/highFreqFactor` stay unchanged, and those between are interpolated.
  package struct Llama3: Sendable, Equatable {
    package var factor: Double
    /// Turns over the original length below which a frequency is divided by the factor.
    package var lowFreqFactor: Double
    /// Turns over the original length above which a frequency is left as it is.
    package var highFreqFactor: Double
    package var originalMaxPositionEmbeddings: Int

    package init(
      factor: Double, lowFreqFactor: Double, highFreqFactor: Double, originalMaxPositionEmbeddings: Int
    ) {
      self.factor = factor
      self.lowFreqFactor = lowFreqFactor
      self.highFreqFactor = highFreqFactor
      self.originalMaxPositionEmbeddings = originalMaxPositionEmbeddings
    }
  }

  /// `f_i / longFactor[i]` for all positions of a call that is longer than the original length, and
  /// `f_i / shortFactor[i]` for all positions of any other call.
  package struct LongRoPE: Sendable, Equatable {
    /// Divisors for calls up to the original length, one for each pair.
    package var shortFactor: [Double]
    /// Divisors for longer calls, one for each pair.
    package var longFactor: [Double]
    package var originalMaxPositionEmbeddings: Int
    /// The extension `S` in the attention factor `√(1 + ln S / ln original)`: `factor`, or `max_position_embeddings`
    /// divided by the original length.
    package var factor: Double

    package init(
      shortFactor: [Double], longFactor: [Double], originalMaxPositionEmbeddings: Int, factor: Double
    ) {
      self.shortFactor = shortFactor
      self.longFactor = longFactor
      self.originalMaxPositionEmbeddings = originalMaxPositionEmbeddings
      self.factor = factor
    }
  }
}

extension FrequencyScaling: Codable {
  // The JSON has the form of Hugging Face's `rope_scaling`: one object, whose `rope_type` decides its other keys.
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

  package init(from decoder: any Decoder) throws {
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

  package func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(kind, forKey: .type)
    for (key, value) in entries {
      switch value {
      case .number(let number): try values.encode(number, forKey: key)
      case .length(let length): try values.encode(length, forKey: key)
      case .flag(let flag): try values.encode(flag, forKey: key)
      case .list(let list): try values.encode(list, forKey: key)
      }
    }
  }

  /// The type by Hugging Face's name, such as `default` or `yarn`.
  package var typeName: String { kind.rawValue }

  /// The parameters by Hugging Face's names, sorted.
  package var parameters: [ScalingParameter] {
    entries.map { ScalingParameter(name: $0.key.rawValue, values: $0.value.numbers) }.sorted { $0.name < $1.name }
  }

  /// A parameter in the form in which JSON has it.
  private enum Value {
    case number(Double)
    case length(Int)
    case flag(Bool)
    case list([Double])

    var numbers: [Double] {
      switch self {
      case .number(let number): [number]
      case .length(let length): [Double(length)]
      case .flag(let flag): [flag ? 1 : 0]
      case .list(let list): list
      }
    }
  }

  private var entries: [(key: CodingKeys, value: Value)] {
    switch self {
    case .none: return []
    case .linear(let factor): return [(.factor, .number(factor))]
    case .ntk(let alpha): return [(.alpha, .number(alpha))]
    case .dynamic(let factor, let length):
      return [(.factor, .number(factor)), (.maxPositionEmbeddings, .length(length))]
    case .yarn(let yarn):
      let optional = [(CodingKeys.mscale, yarn.mscale), (.mscaleAllDim, yarn.mscaleAllDim)]
      return [
        (.factor, .number(yarn.factor)),
        (.originalMaxPositionEmbeddings, .length(yarn.originalMaxPositionEmbeddings)),
        (.betaFast, .number(yarn.betaFast)), (.betaSlow, .number(yarn.betaSlow)), (.truncate, .flag(yarn.truncate)),
      ] + optional.compactMap { key, value in value.map { (key, .number($0)) } }
    case .llama3(let llama3):
      return [
        (.factor, .number(llama3.factor)), (.lowFreqFactor, .number(llama3.lowFreqFactor)),
        (.highFreqFactor, .number(llama3.highFreqFactor)),
        (.originalMaxPositionEmbeddings, .length(llama3.originalMaxPositionEmbeddings)),
      ]
    case .longrope(let longrope):
      return [
        (.shortFactor, .list(longrope.shortFactor)), (.longFactor, .list(longrope.longFactor)),
        (.originalMaxPositionEmbeddings, .length(longrope.originalMaxPositionEmbeddings)),
        (.factor, .number(longrope.factor)),
      ]
    case .proportional(let share, let factor):
      return [(.partialRotaryFactor, .number(share)), (.factor, .number(factor))]
    case .normalized(let extent): return [(.extent, .length(extent))]
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
