import RoPE

/// The values of `rope_type` in transformers 5.23.0, `ROPE_INIT_FUNCTIONS` and its models, and two that models have in
/// their code: `normalized` (DINOv3) and `ntk` (Hunyuan).
enum RopeType: String, CaseIterable {
  case none = "default"
  case linear, ntk, dynamic, yarn, llama3, longrope, proportional, normalized
  /// The first name of LongRoPE, in Phi-3's own code.
  case su
  /// No scaling; sections of several position axes (Qwen2-VL).
  case mrope
  /// No scaling; two position axes in a layout that the model class defines.
  case axial
}

/// The scaling of the frequencies, and the attention factor if the file gives it.
struct ScalingParameters {
  var scaling: FrequencyScaling
  var attentionFactor: Double?
}

extension RopeParameters {
  /// The type: `rope_type`, or its older name `type`.
  func type() throws -> RopeType {
    let new = try object.string("rope_type"), old = try object.string("type")
    let key = new == nil ? "type" : "rope_type"
    guard let given = new ?? old else {
      // An object with a factor scales, but does not say how.
      if object.given("factor") != nil { throw object.missing("rope_type", "it says what factor means") }
      return .none
    }
    if let rewritten = keys.rewrites[given] {
      object.note(key, "is read as \(rewritten): \(config.defaults.source) rewrites it")
    }
    guard let type = RopeType(rawValue: keys.rewrites[given] ?? given) else {
      throw ModelConfigError.unknownScaling(
        file: object.file, key: object.path + key, value: JSONValue.string(given).description)
    }
    if let new, let old, old != new, keys.rewrites[old] != new, !(old == "mrope" && type == .none) {
      throw object.contradiction("rope_type", object, "type")
    }
    return type
  }

  /// The scaling of the frequencies.
  func scaling() throws -> ScalingParameters {
    switch try type() {
    case .none, .mrope, .axial: return ScalingParameters(scaling: .none)
    case .linear: return ScalingParameters(scaling: .linear(factor: try factor()))
    case .ntk:
      return ScalingParameters(scaling: .ntk(alpha: try object.needed("alpha", object.number, for: "ntk needs it")))
    case .dynamic: return ScalingParameters(scaling: try dynamic())
    case .yarn:
      return ScalingParameters(scaling: .yarn(try yarn()), attentionFactor: try object.number("attention_factor"))
    case .llama3: return ScalingParameters(scaling: .llama3(try llama3()))
    case .longrope, .su:
      return ScalingParameters(
        scaling: .longrope(try longrope()), attentionFactor: try object.number("attention_factor"))
    case .proportional:
      return ScalingParameters(
        scaling: .proportional(
          partialRotaryFactor: try optional("partial_rotary_factor", object.number, 1),
          factor: try optional("factor", object.number, 1)))
    case .normalized:
      return ScalingParameters(
        scaling: .normalized(extent: try object.positiveInt("extent", for: "normalized needs it")))
    }
  }

  private func dynamic() throws -> FrequencyScaling {
    if keys.alphaIsStatic, let alpha = try object.number("alpha") {
      object.note("alpha", "changes the base by a constant, at any length, in \(config.defaults.source)")
      return .ntk(alpha: alpha)
    }
    return .dynamic(factor: try factor(), maxPositionEmbeddings: try maxPositionEmbeddings())
  }

  private func yarn() throws -> FrequencyScaling.YaRN {
    let original = try originalLength()
    var yarn = FrequencyScaling.YaRN(factor: 1, originalMaxPositionEmbeddings: original)
    // A null factor means the quotient; a missing key is an error, as in transformers.
    yarn.factor = object.values["factor"] == .null ? try extendedFactor(of: original) : try factor()
    yarn.betaFast = try optional("beta_fast", object.number, yarn.betaFast)
    yarn.betaSlow = try optional("beta_slow", object.number, yarn.betaSlow)
    yarn.truncate = try truncates()
    yarn.mscale = try object.number("mscale")
    yarn.mscaleAllDim = try object.number("mscale_all_dim")
    return yarn
  }

  /// Indicates whether the ramp's ends are rounded.
  ///
  /// transformers 5.23.0 reads `truncate` from `rope_parameters` itself, so one in the object of a layer type has no
  /// effect.
  private func truncates() throws -> Bool {
    guard isPerLayerType || isNestedByClass else { return try optional("truncate", object.bool, true) }
    let value = outerTruncate ?? true
    if let given = object.given("truncate"), given != .bool(value) {
      object.note(
        "truncate", "is ignored: transformers 5.23.0 reads it outside the layer types, where it is \(value)")
    }
    return value
  }

  private func llama3() throws -> FrequencyScaling.Llama3 {
    FrequencyScaling.Llama3(
      factor: try factor(),
      lowFreqFactor: try object.needed("low_freq_factor", object.number, for: "llama3 needs it"),
      highFreqFactor: try object.needed("high_freq_factor", object.number, for: "llama3 needs it"),
      originalMaxPositionEmbeddings: try originalLength())
  }

  private func longrope() throws -> FrequencyScaling.LongRoPE {
    let original = try originalLength()
    return FrequencyScaling.LongRoPE(
      shortFactor: try object.needed("short_factor", object.numbers, for: "longrope needs it"),
      longFactor: try object.needed("long_factor", object.numbers, for: "longrope needs it"),
      originalMaxPositionEmbeddings: original,
      factor: try object.number("factor") ?? extendedFactor(of: original))
  }

  // MARK: - Values

  private func factor() throws -> Double {
    try object.needed("factor", object.number, for: "\(try type().rawValue) needs it")
  }

  private func maxPositionEmbeddings() throws -> Int {
    try config.positiveInt("max_position_embeddings", for: "\(try type().rawValue) needs it")
  }

  /// `max_position_embeddings / original_max_position_embeddings`.
  private func extendedFactor(of original: Int) throws -> Double {
    let quotient = Double(try maxPositionEmbeddings()) / Double(original)
    config.remarks.add(
      object.path + "factor", .number(quotient), source: "max_position_embeddings / original_max_position_embeddings")
    return quotient
  }

  /// The length that the model was trained for: from the parameters or the top level, or else
  /// `max_position_embeddings`.
  private func originalLength() throws -> Int {
    let key = "original_max_position_embeddings"
    if let inner = object.given(key) {
      if let outer = config.given(key), outer != inner { throw object.contradiction(key, config, key) }
      return try object.positiveInt(key, for: "\(try type().rawValue) needs it")
    }
    if config.value(key) != nil { return try config.positiveInt(key, for: "\(try type().rawValue) needs it") }
    let length = try maxPositionEmbeddings()
    config.remarks.add(object.path + key, .number(Double(length)), source: "max_position_embeddings")
    return length
  }

  /// A parameter with a default that is the same for every class.
  private func optional<Value>(_ key: String, _ read: (String) throws -> Value?, _ value: Value) throws -> Value {
    if let given = try read(key) { return given }
    let noted: JSONValue =
      switch value {
      case let flag as Bool: .bool(flag)
      case let number as Double: .number(number)
      default: .null
      }
    object.remarks.add(object.path + key, noted, source: "transformers 5.23.0, modeling_rope_utils.py")
    return value
  }
}
