import RoPE

extension Family {
  /// Multi-head latent attention: the last channels of the head rotate, and in K they are one head that all share.
  static let latentAttention: [Family] = [
    // Complex numbers: interleaved in and out.
    latent(
      "deepseek_v2",
      defaults: .transformers(
        "DeepseekV2Config",
        [
          "num_attention_heads": 32, "qk_nope_head_dim": 128, "qk_rope_head_dim": 64, "rope_theta": 10000,
          "max_position_embeddings": 2048,
        ]), output: .interleaved),
    latent("deepseek_v3", "kimi_k2", defaults: deepSeekV3, output: .half),
    latent(
      "glm_moe_dsa",
      defaults: .transformers(
        "GlmMoeDsaConfig",
        [
          "num_attention_heads": 64, "num_key_value_heads": 64, "qk_nope_head_dim": 192, "qk_rope_head_dim": 64,
          "rope_theta": 10000, "max_position_embeddings": 202752,
        ]), output: .half),
  ]

  /// Kimi-K2 has the class and the defaults of DeepSeek-V3.
  private static let deepSeekV3 = ClassDefaults.transformers(
    "DeepseekV3Config",
    [
      "num_attention_heads": 128, "num_key_value_heads": 128, "qk_nope_head_dim": 128, "qk_rope_head_dim": 64,
      "rope_theta": 10000, "rope_interleave": true, "max_position_embeddings": 4096,
    ])

  private static func latent(_ modelTypes: String..., defaults: ClassDefaults, output: Pairing) -> Family {
    Family(modelTypes: modelTypes, defaults: defaults) { config in
      let still = try config.channels("qk_nope_head_dim", for: "the channels that do not rotate")
      let rotating = try config.channels("qk_rope_head_dim", for: "the channels that rotate")
      guard rotating.isMultiple(of: 2) else {
        throw config.invalid("qk_rope_head_dim", .number(Double(rotating)), "even, for channels in pairs")
      }
      let query = try config.positiveInt("num_attention_heads", for: "the number of query heads")
      if let given = config.given("num_key_value_heads"), given != .number(Double(query)) {
        config.note("num_key_value_heads", "is ignored: keys are made for every query head")
      }
      let heads = HeadGeometry(dimension: still + rotating, query: query, key: query)
      var configuration = try config.ropeParameters().configuration(headDimension: rotating, pairing: .interleaved)
      configuration.headDimension = heads.dimension
      configuration.rotaryOffset = still
      configuration.outputPairing = output
      if try config.bool("rope_interleave") == false {
        configuration.pairing = .half
        configuration.outputPairing = .half
      }
      return [LayerKind(nil, configuration, heads)]
    }
  }
}
