import RoPE

extension ClassDefaults {
  static let glm = transformers(
    "GlmConfig",
    [
      "hidden_size": 4096, "num_attention_heads": 32, "num_key_value_heads": 2, "head_dim": 128, "rope_theta": 10000,
      "partial_rotary_factor": 0.5, "max_position_embeddings": 131072,
    ])
  static let glm4MoE = transformers(
    "Glm4MoeConfig",
    [
      "hidden_size": 4096, "num_attention_heads": 96, "num_key_value_heads": 8, "rope_theta": 10000,
      "partial_rotary_factor": 0.5, "max_position_embeddings": 131072,
    ])
}

extension Family {
  /// The GLM line in transformers' form.
  ///
  /// The first two have interleaved pairing and GLM-4.5 half pairing, all in the first half of the head; GLM-5 is with
  /// the families of latent attention.
  static let glm: [Family] = [
    .text("glm", defaults: .glm, pairing: .interleaved, rope: RopeKeys(honoursPartial: true)),
    .text(
      "glm4", defaults: .transformers("Glm4Config", ClassDefaults.glm.values), pairing: .interleaved,
      rope: RopeKeys(honoursPartial: true)),
    .text("glm4_moe", defaults: .glm4MoE, pairing: .half, rope: RopeKeys(honoursPartial: true)),
  ]
}

extension Family {
  /// The GLM line in its own form, `model_type: chatglm`, as in its modelling code.
  static let chatGLM: [Family] = [
    Family(
      "chatglm",
      defaults: ClassDefaults(
        source: "THUDM configuration_chatglm.py",
        values: [
          "rope_ratio": 1, "hidden_size": 4096, "num_attention_heads": 32, "multi_query_attention": false,
          "multi_query_group_num": 1,
        ])
    ) { config in
      // The first ChatGLM-6B differs from its successors in its positions, which are pairs of coordinates.
      if try config.bool("position_encoding_2d") == true { return [try firstChatGLM(config)] }
      return [try chatGLM(config)]
    }
  ]

  /// The base and the exponent's dimension are constants of the modelling code.
  private static let base = 10000.0
  private static let code = "THUDM modeling_chatglm.py"

  /// ChatGLM2, ChatGLM3 and GLM-4-9B: the first half of the head, interleaved.
  private static func chatGLM(_ config: ConfigObject) throws -> Model {
    var heads = try config.heads(HeadKeys(key: nil, dimension: "kv_channels"))
    if try config.bool("multi_query_attention") == true {
      heads.key = try config.heads(HeadKeys(key: "multi_query_group_num", dimension: "kv_channels")).key
    }
    if try config.bool("original_rope") == false {
      throw config.invalid("original_rope", false, "true: no published modelling code has the other rule")
    }
    guard heads.dimension.isMultiple(of: 4) else {
      throw config.invalid(
        "kv_channels", .number(Double(heads.dimension)), "a multiple of 4, because half of the head rotates in pairs")
    }
    config.fixed("rope_theta", .number(base), in: code)
    config.fixed("partial_rotary_factor", 0.5, in: code)
    var configuration = Configuration(
      headDimension: heads.dimension, rotaryDimension: heads.dimension / 2, pairing: .interleaved, base: base)
    let ratio = try config.needed("rope_ratio", config.number, for: "it is what multiplies the base")
    guard ratio > 0, ratio.isFinite else { throw config.invalid("rope_ratio", .number(ratio), "greater than 0") }
    // ChatGLM2-6B-32k divides positions by the ratio, ChatGLM3 and GLM-4 multiply the base; only the name tells.
    if ratio != 1, try config.string("_name_or_path")?.lowercased().contains("chatglm2") == true {
      configuration.scaling = .linear(factor: ratio)
      config.note(
        "rope_ratio", "divides positions, because _name_or_path names ChatGLM2; otherwise it multiplies the base")
    } else {
      configuration.base *= ratio
      guard configuration.base > 1 else { throw config.invalid("rope_ratio", .number(ratio), "above 1/\(Int(base))") }
    }
    return Model(nil, configuration, heads)
  }

  /// ChatGLM-6B: each half of the head is half-split within itself and driven by its own coordinate.
  private static func firstChatGLM(_ config: ConfigObject) throws -> Model {
    let heads = try config.heads(.plain)
    guard heads.dimension.isMultiple(of: 4) else {
      throw config.invalid(
        "hidden_size", .number(Double(heads.dimension * heads.query)), "a multiple of 4 channels for each head")
    }
    config.fixed("rope_theta", .number(base), in: code)
    return Model(
      nil,
      Configuration(
        headDimension: heads.dimension, rotaryDimension: heads.dimension, pairing: .half, base: base,
        axes: .slices([heads.dimension / 2, heads.dimension / 2])), heads)
  }
}
