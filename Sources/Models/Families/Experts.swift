import RoPE

extension Family {
  /// Mixtures of experts, whose attention rotates the whole head as in the dense models of their line.
  ///
  /// Source: transformers 5.23.0, models/<model type>/configuration_ and modeling_<model type>.py.
  static let experts: [Family] = [
    .text(
      "qwen2_moe",
      defaults: .transformers(
        "Qwen2MoeConfig",
        [
          "hidden_size": 2048, "num_attention_heads": 16, "num_key_value_heads": 16, "rope_theta": 10000,
          "max_position_embeddings": 32768,
        ]), pairing: .half),
    .text(
      "qwen3_moe",
      defaults: .transformers(
        "Qwen3MoeConfig",
        [
          "hidden_size": 2048, "num_attention_heads": 32, "num_key_value_heads": 4, "rope_theta": 10000,
          "max_position_embeddings": 32768,
        ]), pairing: .half),
    .text(
      "olmoe",
      defaults: .transformers(
        "OlmoeConfig",
        ["hidden_size": 2048, "num_attention_heads": 16, "rope_theta": 10000, "max_position_embeddings": 4096]),
      pairing: .half),
    .text(
      "flex_olmo",
      defaults: .transformers(
        "FlexOlmoConfig",
        ["hidden_size": 4096, "num_attention_heads": 32, "rope_theta": 500_000, "max_position_embeddings": 4096]),
      pairing: .half),
    .text("granitemoe", defaults: .transformers("GraniteMoeConfig", ClassDefaults.llama.values), pairing: .half),
    .text(
      "dots1",
      defaults: .transformers(
        "Dots1Config",
        [
          "hidden_size": 4608, "num_attention_heads": 32, "num_key_value_heads": 32, "rope_theta": 10000,
          "max_position_embeddings": 2048,
        ]), pairing: .half),
    .text(
      "solar_open",
      defaults: .transformers(
        "SolarOpenConfig",
        [
          "hidden_size": 4096, "num_attention_heads": 64, "num_key_value_heads": 8, "head_dim": 128,
          "rope_theta": 1_000_000, "max_position_embeddings": 131072,
        ]), pairing: .half),
    .text(
      "hy_v3",
      defaults: .transformers(
        "HYV3Config",
        [
          "hidden_size": 4096, "num_attention_heads": 64, "num_key_value_heads": 8, "head_dim": 128,
          "rope_theta": 11_158_840, "max_position_embeddings": 131072,
        ]), pairing: .half),
    // "dynamic" with alpha is a constant change of the base, as in hunyuan_v1_dense.
    .text(
      "hunyuan_v1_moe", defaults: .transformers("HunYuanMoEV1Config", ClassDefaults.llama.values), pairing: .half,
      rope: RopeKeys(alphaIsStatic: true)),
    .text(
      "ernie4_5_moe",
      defaults: .transformers(
        "Ernie4_5_MoeConfig",
        [
          "hidden_size": 2560, "num_attention_heads": 20, "num_key_value_heads": 4, "rope_theta": 500_000,
          "max_position_embeddings": 131072,
        ]), pairing: .interleaved),
  ]
}
