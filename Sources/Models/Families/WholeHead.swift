import RoPE

// Class defaults: transformers 5.23.0, models/<model type>/configuration_<model type>.py. A class that names no base
// has 10000, RotaryEmbeddingConfigMixin.default_theta.

extension ClassDefaults {
  static let llama = transformers(
    "LlamaConfig",
    ["hidden_size": 4096, "num_attention_heads": 32, "rope_theta": 10000, "max_position_embeddings": 2048])

  fileprivate static let mistral = transformers(
    "MistralConfig",
    [
      "hidden_size": 4096, "num_attention_heads": 32, "num_key_value_heads": 8, "rope_theta": 10000,
      "max_position_embeddings": 131072,
    ])
}

extension Family {
  /// Families that rotate the whole head, whatever `partial_rotary_factor` says.
  static let wholeHead: [Family] = [
    .text("llama", defaults: .llama, pairing: .half),
    .text("mistral", defaults: .mistral, pairing: .half),
    .text(
      "mixtral",
      defaults: .transformers("MixtralConfig", ClassDefaults.mistral.with(["rope_theta": 1_000_000]).values),
      pairing: .half),
    .text(
      "qwen2",
      defaults: .transformers(
        "Qwen2Config",
        [
          "hidden_size": 4096, "num_attention_heads": 32, "num_key_value_heads": 32, "rope_theta": 10000,
          "max_position_embeddings": 32768,
        ]), pairing: .half),
    .text(
      "qwen3",
      defaults: .transformers(
        "Qwen3Config",
        [
          "hidden_size": 4096, "num_attention_heads": 32, "num_key_value_heads": 32, "head_dim": 128,
          "rope_theta": 10000, "max_position_embeddings": 32768,
        ]), pairing: .half),
    .text(
      "ministral",
      defaults: .transformers("MinistralConfig", ClassDefaults.mistral.values), pairing: .half),
    .text(
      "seed_oss",
      defaults: .transformers(
        "SeedOssConfig",
        [
          "hidden_size": 4096, "num_attention_heads": 80, "num_key_value_heads": 8, "head_dim": 128,
          "rope_theta": 10000, "max_position_embeddings": 524288,
        ]), pairing: .half),
    .text(
      "starcoder2",
      defaults: .transformers(
        "Starcoder2Config",
        [
          "hidden_size": 3072, "num_attention_heads": 24, "num_key_value_heads": 2, "rope_theta": 10000,
          "max_position_embeddings": 4096,
        ]), pairing: .half),
    .text("granite", defaults: .transformers("GraniteConfig", ClassDefaults.llama.values), pairing: .half),
    .text(
      "arcee",
      defaults: .transformers(
        "ArceeConfig",
        ["hidden_size": 2560, "num_attention_heads": 32, "rope_theta": 10000, "max_position_embeddings": 4096]),
      pairing: .half),
    // These two classes scale even if a file has no rotary parameters at all.
    .text(
      "apertus",
      defaults: .transformers(
        "ApertusConfig",
        [
          "hidden_size": 4096, "num_attention_heads": 32, "rope_theta": 12_000_000, "max_position_embeddings": 65536,
          "rope_parameters": [
            "rope_type": "llama3", "rope_theta": 12_000_000, "factor": 8, "original_max_position_embeddings": 8192,
            "low_freq_factor": 1, "high_freq_factor": 4,
          ],
        ]), pairing: .half),
    .text(
      "cwm",
      defaults: .transformers(
        "CwmConfig",
        [
          "hidden_size": 6144, "num_attention_heads": 48, "num_key_value_heads": 8, "head_dim": 128,
          "rope_theta": 1_000_000, "max_position_embeddings": 131072,
          "rope_parameters": [
            "rope_type": "llama3", "rope_theta": 1_000_000, "factor": 16, "original_max_position_embeddings": 8192,
            "low_freq_factor": 1, "high_freq_factor": 4,
          ],
        ]), pairing: .half),
    .text(
      "helium",
      defaults: .transformers(
        "HeliumConfig",
        [
          "hidden_size": 2560, "num_attention_heads": 20, "num_key_value_heads": 20, "head_dim": 128,
          "rope_theta": 100_000, "max_position_embeddings": 4096,
        ]), pairing: .interleaved),
    .text("olmo", defaults: .transformers("OlmoConfig", ClassDefaults.llama.values), pairing: .half),
    .text("olmo2", defaults: .transformers("Olmo2Config", ClassDefaults.llama.values), pairing: .half),
    .text(
      "gpt_oss",
      defaults: .transformers(
        "GptOssConfig",
        [
          "hidden_size": 2880, "num_attention_heads": 64, "num_key_value_heads": 8, "head_dim": 64,
          "rope_theta": 150_000, "max_position_embeddings": 131072,
          // This does not apply to a file in the older form: its rope_scaling comes first.
          "rope_parameters": [
            "rope_type": "yarn", "factor": 32, "beta_fast": 32, "beta_slow": 1, "truncate": false,
            "original_max_position_embeddings": 4096,
          ],
        ]), pairing: .half),
    .text(
      "minimax",
      defaults: .transformers(
        "MiniMaxConfig",
        [
          "hidden_size": 4096, "num_attention_heads": 32, "num_key_value_heads": 8, "rope_theta": 1_000_000,
          "max_position_embeddings": 131072,
        ]), pairing: .half
    ) { config, _, configuration in
      // By the model card half of the head rotates; the class reads neither rotary_dim nor partial_rotary_factor.
      guard let given = try config.int("rotary_dim"), given != configuration.headDimension else { return }
      config.note("rotary_dim", "is ignored: \(config.defaults.source) rotates the whole head")
    },
    .text(
      "cohere",
      defaults: .transformers(
        "CohereConfig",
        [
          "hidden_size": 8192, "num_attention_heads": 64, "rope_theta": 500_000, "max_position_embeddings": 8192,
        ]), pairing: .interleaved),
    .text(
      "ernie4_5",
      defaults: .transformers(
        "Ernie4_5Config",
        [
          "hidden_size": 1024, "num_attention_heads": 16, "num_key_value_heads": 2, "head_dim": 128,
          "rope_theta": 500_000, "max_position_embeddings": 131072,
        ]), pairing: .interleaved),
    // "dynamic" with alpha is a constant change of the base.
    .text(
      "hunyuan_v1_dense", defaults: .transformers("HunYuanDenseV1Config", ClassDefaults.llama.values), pairing: .half,
      rope: RopeKeys(alphaIsStatic: true)),
    falcon,
  ]

  /// Falcon, whose variants with ALiBi have no rotary embedding.
  private static let falcon = Family(
    "falcon",
    defaults: .transformers(
      "FalconConfig",
      [
        "hidden_size": 4544, "num_attention_heads": 71, "rope_theta": 10000, "max_position_embeddings": 2048,
        "alibi": false, "new_decoder_architecture": false, "multi_query": true,
      ])
  ) { config in
    var heads = try config.heads(.plain)
    // modeling_falcon.py: num_kv_heads counts unless all query heads share one key head.
    if try config.bool("new_decoder_architecture") == true || config.bool("multi_query") == false {
      heads.key = try config.heads(HeadKeys(key: "num_kv_heads", dimension: nil)).key
    } else {
      heads.key = 1
    }
    guard try config.bool("alibi") != true else {
      return [Model(nil, .withoutRoPE(headDimension: heads.dimension), heads)]
    }
    let configuration = try config.ropeParameters().configuration(headDimension: heads.dimension, pairing: .half)
    return [Model(nil, configuration, heads)]
  }
}
