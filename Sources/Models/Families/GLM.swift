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
  /// The GLM line in transformers' form. The first two are interleaved, GLM-4.5 is half, all in the first half of the
  /// head; GLM-5 is with the families of latent attention.
  static let glm: [Family] = [
    .text("glm", defaults: .glm, pairing: .interleaved, rope: RopeKeys(honoursPartial: true)),
    .text(
      "glm4", defaults: .transformers("Glm4Config", ClassDefaults.glm.values), pairing: .interleaved,
      rope: RopeKeys(honoursPartial: true)),
    .text("glm4_moe", defaults: .glm4MoE, pairing: .half, rope: RopeKeys(honoursPartial: true)),
  ]
}
