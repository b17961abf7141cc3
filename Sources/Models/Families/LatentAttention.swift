import RoPE

extension Family {
  /// Multi-head latent attention: the last channels of the head rotate; in K, all heads share one copy of them.
  static let latentAttention: [Family] = [
    // The code multiplies complex numbers: interleaved in and out.
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
    latent(
      "glm4_moe_lite",
      defaults: .transformers(
        "Glm4MoeLiteConfig",
        [
          "num_attention_heads": 20, "num_key_value_heads": 20, "qk_nope_head_dim": 192, "qk_rope_head_dim": 64,
          "rope_theta": 10000, "rope_interleave": true, "max_position_embeddings": 202752,
        ]), output: .half),
    Family("deepseek_v32", defaults: deepSeekV32) { try [latentKind($0, "attention", output: .half), indexer($0)] },
  ]

  private static let deepSeekV32 = ClassDefaults.transformers(
    "DeepseekV32Config",
    [
      "num_attention_heads": 128, "num_key_value_heads": 128, "qk_nope_head_dim": 128, "qk_rope_head_dim": 64,
      "index_n_heads": 64, "index_head_dim": 128, "rope_theta": 10000, "max_position_embeddings": 163840,
    ])

  /// The indexer of sparse attention.
  ///
  /// It has the attention's frequencies but one key head, and rotates the first channels with half pairing:
  /// DeepseekV32Indexer, and the note in the README of deepseek-ai/DeepSeek-V3.2-Exp.
  private static func indexer(_ config: ConfigObject) throws -> Model {
    let heads = HeadGeometry(
      dimension: try config.channels("index_head_dim", for: "it is the number of channels of the indexer"),
      query: try config.positiveInt("index_n_heads", for: "it is the number of query heads of the indexer"), key: 1)
    try config.checkWidth(heads, "index_n_heads")
    let rotating = try config.rotatingChannels()
    guard rotating <= heads.dimension else {
      throw config.invalid("index_head_dim", .number(Double(heads.dimension)), "at least qk_rope_head_dim \(rotating)")
    }
    var configuration = try config.ropeParameters().configuration(headDimension: rotating, pairing: .half)
    configuration.headDimension = heads.dimension
    return Model("indexer", configuration, heads)
  }

  /// Kimi-K2 has the class and the defaults of DeepSeek-V3.
  private static let deepSeekV3 = ClassDefaults.transformers(
    "DeepseekV3Config",
    [
      "num_attention_heads": 128, "num_key_value_heads": 128, "qk_nope_head_dim": 128, "qk_rope_head_dim": 64,
      "rope_theta": 10000, "rope_interleave": true, "max_position_embeddings": 4096,
    ])

  private static func latent(_ modelTypes: String..., defaults: ClassDefaults, output: Pairing) -> Family {
    Family(modelTypes: modelTypes, defaults: defaults) { try [latentKind($0, nil, output: output)] }
  }

  private static func latentKind(_ config: ConfigObject, _ name: String?, output: Pairing) throws -> Model {
    let still = try config.channels("qk_nope_head_dim", for: "it is the number of channels that do not rotate")
    let rotating = try config.rotatingChannels()
    let query = try config.positiveInt("num_attention_heads", for: "it is the number of query heads")
    if let given = config.given("num_key_value_heads"), given != .number(Double(query)) {
      config.note("num_key_value_heads", "is ignored: keys are made for every query head")
    }
    let heads = HeadGeometry(dimension: still + rotating, query: query, key: query)
    try config.checkWidth(heads, "num_attention_heads")
    var configuration = try config.ropeParameters().configuration(headDimension: rotating, pairing: .interleaved)
    configuration.headDimension = heads.dimension
    configuration.rotaryOffset = still
    configuration.outputPairing = output
    if try config.bool("rope_interleave") == false {
      configuration.pairing = .half
      configuration.outputPairing = .half
    }
    return Model(name, configuration, heads)
  }
}

extension ConfigObject {
  fileprivate func rotatingChannels() throws -> Int {
    let count = try channels("qk_rope_head_dim", for: "it is the number of channels that rotate")
    guard count.isMultiple(of: 2) else {
      throw invalid("qk_rope_head_dim", .number(Double(count)), "even, for channels in pairs")
    }
    return count
  }
}
