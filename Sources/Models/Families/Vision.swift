import RoPE

extension Family {
  /// Vision encoders with two position axes, height and width unless noted otherwise, in four layouts that transformers
  /// all calls `axial`.
  static let vision: [Family] = [
    // Each axis has a table, and half pairing spans the whole head.
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
    // One table for the whole head: height has its even entries, width its odd ones.
    tower(
      "pixtral",
      defaults: .transformers(
        "PixtralVisionConfig", ["hidden_size": 1024, "num_attention_heads": 16, "rope_theta": 10000]),
      pairing: .half, heads: HeadKeys(key: nil)
    ) { _ in .evenOdd },
    composite("mistral3", textType: "mistral", visionType: "pixtral"),
    composite("llava", textType: "llama", visionType: "pixtral"),
    // Each half of the head has half pairing within itself.
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
    dinoV3,
  ]

  /// DINOv3, whose coordinates are normalised to −1...1 and measured in turns.
  ///
  /// Class and register tokens do not rotate.
  private static let dinoV3 = Family(
    "dinov3_vit",
    defaults: .transformers(
      "DINOv3ViTConfig",
      ["hidden_size": 384, "num_attention_heads": 6, "rope_theta": 100, "image_size": 224, "patch_size": 16])
  ) { config in
    let heads = try config.heads(.plain), parameters = try config.ropeParameters()
    var configuration = try axialConfiguration(config, heads, parameters, pairing: .half)
    guard configuration.scaling == .none else {
      throw parameters.object.invalid("rope_type", .string(try parameters.type().rawValue), "default")
    }
    let image = try config.positiveInt("image_size", for: "it determines the number of patches")
    let patch = try config.positiveInt("patch_size", for: "it determines the number of patches")
    guard image >= patch else {
      throw config.invalid("image_size", .number(Double(image)), "at least patch_size \(patch)")
    }
    guard image / patch <= 1 << 30 else {
      throw config.invalid("image_size", .number(Double(image)), "at most 2^30 times patch_size \(patch)")
    }
    configuration.scaling = .normalized(extent: image / patch)
    configuration.axes = blocks(heads.dimension)
    for key in ["pos_embed_shift", "pos_embed_jitter", "pos_embed_rescale"] where config.given(key) != nil {
      config.note(key, "is ignored: it moves coordinates only in training")
    }
    return [Model(nil, configuration, heads)]
  }

  private static let numHeads = HeadKeys(query: "num_heads", key: nil)

  @Sendable private static func blocks(_ dimension: Int) -> PositionAxes { .blocks([dimension / 2, dimension / 2]) }

  private static func tower(
    _ modelTypes: String..., defaults: ClassDefaults, pairing: Pairing, heads: HeadKeys = HeadKeys(),
    axes: @escaping @Sendable (_ headDimension: Int) -> PositionAxes
  ) -> Family {
    Family(modelTypes: modelTypes, defaults: defaults) { config in
      let heads = try config.heads(heads)
      var configuration = try axialConfiguration(config, heads, config.ropeParameters(), pairing: pairing)
      configuration.axes = axes(heads.dimension)
      return [Model(nil, configuration, heads)]
    }
  }

  /// The configuration of a head that two axes share, before its axes are set.
  private static func axialConfiguration(
    _ config: ConfigObject, _ heads: HeadGeometry, _ parameters: RopeParameters, pairing: Pairing
  ) throws -> Configuration {
    guard heads.dimension.isMultiple(of: 4) else {
      throw config.invalid(
        "head_dim", .number(Double(heads.dimension)), "a multiple of 4, for pairs of each of two axes")
    }
    return try parameters.configuration(headDimension: heads.dimension, pairing: pairing)
  }
}
