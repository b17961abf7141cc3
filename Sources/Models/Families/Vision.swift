import RoPE

extension Family {
  /// Vision encoders: two position axes, height and width unless said otherwise, in four layouts that transformers all
  /// calls `axial`.
  static let vision: [Family] = [
    // A table for each axis, one half split over the head.
    tower(
      "qwen2_vl_vision",
      defaults: .transformers("Qwen2VLVisionConfig", ["embed_dim": 1280, "num_heads": 16, "rope_theta": 10000]),
      pairing: .half, heads: HeadKeys(hidden: "embed_dim", query: "num_heads", key: nil, dimension: nil), axes: blocks),
    tower(
      "qwen2_5_vl_vision",
      defaults: .transformers("Qwen2_5_VLVisionConfig", ["hidden_size": 3584, "num_heads": 16, "rope_theta": 10000]),
      pairing: .half, heads: numHeads, axes: blocks),
    tower(
      "qwen3_vl_vision", "qwen3_vl_moe_vision", "qwen3_5_vision", "qwen3_5_moe_vision",
      defaults: .transformers("Qwen3VLVisionConfig", ["hidden_size": 1152, "num_heads": 16, "rope_theta": 10000]),
      pairing: .half, heads: numHeads, axes: blocks),
    tower(
      "glm4v_vision", "glm4v_moe_vision",
      defaults: .transformers("Glm4vVisionConfig", ["hidden_size": 1536, "num_heads": 12, "rope_theta": 10000]),
      pairing: .half, heads: numHeads, axes: blocks),
    tower(
      "ernie4_5_vl_moe_vision",
      defaults: .transformers(
        "Ernie4_5_VLMoeVisionConfig", ["hidden_size": 1280, "num_heads": 16, "rope_theta": 10000]),
      pairing: .half, heads: numHeads, axes: blocks),
    // One table of the whole head: height has its even entries, width its odd ones.
    tower(
      "pixtral",
      defaults: .transformers(
        "PixtralVisionConfig", ["hidden_size": 1024, "num_attention_heads": 16, "rope_theta": 10000]),
      pairing: .half, heads: HeadKeys(key: nil)
    ) { _ in .evenOdd },
    composite("mistral3", textType: "mistral", visionType: "pixtral"),
    composite("llava", textType: "llama", visionType: "pixtral"),
    // Each half of the head is split within itself.
    tower(
      "gemma4_vision",
      defaults: .transformers(
        "Gemma4VisionConfig",
        [
          "hidden_size": 768, "num_attention_heads": 12, "num_key_value_heads": 12, "head_dim": 64, "rope_theta": 100,
        ]), pairing: .half
    ) { .slices([$0 / 2, $0 / 2]) },
    // The axes are x, then y, both counted from 1; the class token's angle is 0.
    tower(
      "llama4_vision_model",
      defaults: .transformers(
        "Llama4VisionConfig", ["hidden_size": 768, "num_attention_heads": 16, "rope_theta": 10000]),
      pairing: .interleaved, heads: .plain, axes: blocks),
    // Pairs alternate between width and height.
    tower(
      "kimi_k25_vision",
      defaults: .transformers(
        "Kimi_K25VisionConfig", ["hidden_size": 1152, "num_attention_heads": 16, "rope_theta": 10000]),
      pairing: .half, heads: HeadKeys(key: nil)
    ) { _ in .alternating },
    composite("kimi_k25", textType: "deepseek_v3", visionType: "kimi_k25_vision"),
  ]

  private static let numHeads = HeadKeys(query: "num_heads", key: nil)

  @Sendable private static func blocks(_ dimension: Int) -> PositionAxes { .blocks([dimension / 2, dimension / 2]) }

  private static func tower(
    _ modelTypes: String..., defaults: ClassDefaults, pairing: Pairing, heads: HeadKeys = HeadKeys(),
    axes: @escaping @Sendable (_ headDimension: Int) -> PositionAxes
  ) -> Family {
    Family(modelTypes: modelTypes, defaults: defaults) { config in
      let heads = try config.heads(heads)
      guard heads.dimension.isMultiple(of: 4) else {
        throw config.invalid(
          "head_dim", .number(Double(heads.dimension)), "a multiple of 4, for pairs of each of two axes")
      }
      var configuration = try config.ropeParameters().configuration(headDimension: heads.dimension, pairing: pairing)
      configuration.axes = axes(heads.dimension)
      return [LayerKind(nil, configuration, heads)]
    }
  }
}
