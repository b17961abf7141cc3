import RoPE

extension Family {
  /// Gemma: half pairing over the whole head; from Gemma-3 on, layers of full and sliding attention differ.
  ///
  /// OLMo-3 is here too, because its two layer types have separate parameters.
  static let gemma: [Family] = [
    .text(
      "gemma",
      defaults: .transformers(
        "GemmaConfig",
        [
          "hidden_size": 3072, "num_attention_heads": 16, "num_key_value_heads": 16, "head_dim": 256,
          "rope_theta": 10000, "max_position_embeddings": 8192,
        ]), pairing: .half),
    .text(
      "gemma2",
      defaults: .transformers("Gemma2Config", gemmaHeads.merging(["rope_theta": 10000]) { $1 }), pairing: .half),
    Family("gemma3_text", defaults: gemma3, models: gemma3Models),
    composite("gemma3", textType: "gemma3_text", visionType: nil),
    Family("gemma3n_text", defaults: gemma3n, models: gemma3Models),
    composite("gemma3n", textType: "gemma3n_text", visionType: nil),
    Family("gemma4_text", defaults: gemma4, models: gemma4Models),
    composite("gemma4", textType: "gemma4_text", visionType: "gemma4_vision"),
    Family("olmo3", defaults: olmo3, models: olmo3Models),
  ]

  private static let gemmaHeads: [String: JSONValue] = [
    "hidden_size": 2304, "num_attention_heads": 8, "num_key_value_heads": 4, "head_dim": 256,
    "max_position_embeddings": 8192,
  ]

  private static let gemma3 = ClassDefaults.transformers(
    "Gemma3TextConfig",
    gemmaHeads.merging([
      "max_position_embeddings": 131072, "num_hidden_layers": 26, "sliding_window_pattern": 6,
      "rope_theta": 1_000_000, "rope_local_base_freq": 10000,
    ]) { $1 })

  private static let gemma3n = ClassDefaults.transformers(
    "Gemma3nTextConfig",
    gemma3.values.merging([
      "hidden_size": 2048, "num_key_value_heads": 2, "max_position_embeddings": 32768, "num_hidden_layers": 35,
      "sliding_window_pattern": 5,
    ]) { $1 })

  private static let gemma4 = ClassDefaults.transformers(
    "Gemma4TextConfig",
    gemmaHeads.merging([
      "max_position_embeddings": 131072, "num_hidden_layers": 30, "sliding_window_pattern": 6, "global_head_dim": 512,
      "attention_k_eq_v": false,
      "rope_parameters": [
        "sliding_attention": ["rope_type": "default", "rope_theta": 10000],
        "full_attention": ["rope_type": "proportional", "partial_rotary_factor": 0.25, "rope_theta": 1_000_000],
      ],
    ]) { $1 })

  private static let olmo3 = ClassDefaults.transformers(
    "Olmo3Config",
    ClassDefaults.llama.values.merging(["num_hidden_layers": 32, "sliding_window_pattern": 4, "rope_theta": 500_000]) {
      $1
    })

  @Sendable private static func gemma3Models(_ config: ConfigObject) throws -> [Model] {
    let heads = try config.heads(), layers = try config.layersByType()
    return try layers.models { type in
      var parameters = try config.ropeParameters(layerType: type)
      parameters.isNestedByClass = true
      if !parameters.isPerLayerType {
        guard config.given("rope_parameters") == nil else {
          throw config.missing("rope_parameters.\(type)", "\(config.defaults.source) reads it for each layer type")
        }
        // The older form scales only the global layers, and has a separate base for the others.
        if type == "sliding_attention" { parameters = config.unscaled(RopeKeys(theta: "rope_local_base_freq")) }
      } else if parameters.object.given("rope_theta") == nil, type == "sliding_attention" {
        parameters = parameters.with(RopeKeys(theta: "rope_local_base_freq"))
      }
      return (try parameters.configuration(headDimension: heads.dimension, pairing: .half), heads)
    }
  }

  @Sendable private static func gemma4Models(_ config: ConfigObject) throws -> [Model] {
    var layers = try config.layersByType()
    layers.makeLastGlobal()
    return try layers.models { type in
      var heads = try config.heads()
      if type == "full_attention" {
        heads.dimension = try config.heads(HeadKeys(dimension: "global_head_dim")).dimension
        if try config.bool("attention_k_eq_v") == true, config.given("num_global_key_value_heads") != nil {
          heads.key = try config.heads(HeadKeys(key: "num_global_key_value_heads")).key
        }
      }
      let parameters = try config.ropeParameters(layerType: type)
      guard parameters.isPerLayerType else {
        throw config.missing("rope_parameters.\(type)", "\(config.defaults.source) reads it for each layer type")
      }
      return (try parameters.configuration(headDimension: heads.dimension, pairing: .half), heads)
    }
  }

  @Sendable private static func olmo3Models(_ config: ConfigObject) throws -> [Model] {
    let heads = try config.heads(), layers = try config.layersByType()
    return try layers.models { type in
      var parameters = try config.ropeParameters(layerType: type)
      parameters.isNestedByClass = true
      // A single object scales only the layers of full attention: Olmo3Config.convert_rope_params_to_dict.
      if !parameters.isPerLayerType, type == "sliding_attention" { parameters = config.unscaled(RopeKeys()) }
      return (try parameters.configuration(headDimension: heads.dimension, pairing: .half), heads)
    }
  }
}
