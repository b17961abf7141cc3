import RoPE

extension Family {
  /// Families in which some layers have no rotary embedding (NoPE).
  static let someLayersRotate: [Family] = [
    nopeFamily(
      "smollm3",
      defaults: .transformers(
        "SmolLM3Config",
        [
          "hidden_size": 2048, "num_attention_heads": 16, "num_key_value_heads": 4, "num_hidden_layers": 36,
          "rope_theta": 2_000_000, "no_rope_layer_interval": 4, "max_position_embeddings": 32768,
        ]), pairing: .half
    ) { try $0.rotatingLayers() },
    nopeFamily(
      "llama4_text",
      defaults: .transformers(
        "Llama4TextConfig",
        [
          "hidden_size": 5120, "num_attention_heads": 40, "num_key_value_heads": 8, "head_dim": 128,
          "num_hidden_layers": 48, "rope_theta": 500_000, "no_rope_layer_interval": 4,
          "max_position_embeddings": 131072,
        ]), pairing: .interleaved
    ) { try $0.rotatingLayers() },
    composite("llama4", textType: "llama4_text", visionType: "llama4_vision_model"),
    // Only layers of sliding attention rotate: modeling_cohere2.py.
    nopeFamily(
      "cohere2",
      defaults: .transformers(
        "Cohere2Config",
        [
          "hidden_size": 8192, "num_attention_heads": 64, "num_hidden_layers": 40, "rope_theta": 10000,
          "sliding_window_pattern": 4, "max_position_embeddings": 8192,
        ]), pairing: .interleaved, heads: HeadKeys(dimension: "head_dim")
    ) { try $0.layersByType().types.map { $0 == "sliding_attention" } },
    // If a file says that there is no window, all layers have full attention and rotate: modeling_exaone4.py.
    nopeFamily(
      "exaone4",
      defaults: .transformers(
        "Exaone4Config",
        [
          "hidden_size": 4096, "num_attention_heads": 32, "num_key_value_heads": 32, "num_hidden_layers": 32,
          "rope_theta": 10000, "sliding_window": 4096, "sliding_window_pattern": 4, "max_position_embeddings": 2048,
        ]), pairing: .half
    ) { config in
      if config.values["sliding_window"] == .null { return try config.layerIndices().map { _ in true } }
      _ = try config.int("sliding_window")
      return try config.layersByType().types.map { $0 == "sliding_attention" }
    },
    // Only layers of sliding attention rotate: modeling_afmoe.py.
    nopeFamily(
      "afmoe",
      defaults: .transformers(
        "AfmoeConfig",
        [
          "hidden_size": 2048, "num_attention_heads": 16, "head_dim": 128, "num_hidden_layers": 32,
          "rope_theta": 10000, "global_attn_every_n_layers": 4, "max_position_embeddings": 16384,
        ]), pairing: .half
    ) { try $0.layersByType(every: "global_attn_every_n_layers").types.map { $0 == "sliding_attention" } },
  ]

  private static func nopeFamily(
    _ modelType: String, defaults: ClassDefaults, pairing: Pairing, heads: HeadKeys = HeadKeys(),
    rotating: @escaping @Sendable (ConfigObject) throws -> [Bool]
  ) -> Family {
    Family(modelType, defaults: defaults) { config in
      let heads = try config.heads(heads)
      let configuration = try config.ropeParameters().configuration(headDimension: heads.dimension, pairing: pairing)
      return LayersByType.models(rotating: try rotating(config), configuration, heads)
    }
  }
}

extension Family {
  /// Families without rotary embedding: learned absolute positions, or ALiBi (MPT, BLOOM).
  static let withoutRoPE: [Family] = [
    still("gpt2", defaults: .transformers("GPT2Config", ["n_embd": 768, "n_head": 12]), heads: .short),
    still(
      "gpt_bigcode",
      defaults: .transformers("GPTBigCodeConfig", ["n_embd": 768, "n_head": 12, "multi_query": true]), heads: .short),
    still(
      "opt", defaults: .transformers("OPTConfig", ["hidden_size": 768, "num_attention_heads": 12]), heads: .plain),
    still(
      "bloom", defaults: .transformers("BloomConfig", ["hidden_size": 64, "n_head": 8]),
      heads: HeadKeys(query: "n_head", key: nil, dimension: nil)),
    still(
      "mpt", defaults: .transformers("MptConfig", ["d_model": 2048, "n_heads": 16]),
      heads: HeadKeys(hidden: "d_model", query: "n_heads", key: nil, dimension: nil)),
  ]

  private static func still(_ modelType: String, defaults: ClassDefaults, heads: HeadKeys) -> Family {
    Family(modelType, defaults: defaults) { config in
      var heads = try config.heads(heads)
      if try config.bool("multi_query") == true { heads.key = 1 }
      return [Model(nil, .withoutRoPE(headDimension: heads.dimension), heads)]
    }
  }
}
