import RoPE

extension Family {
  /// Text parts of vision-language models: all pairs share one table, over three position axes (time, height, width) or
  /// four (M-RoPE).
  static let severalAxes: [Family] = [
    sections("qwen2_vl_text", "qwen2_5_vl_text", defaults: qwen2VL, pairing: .half, heads: HeadKeys(dimension: nil)),
    composite("qwen2_vl", textType: "qwen2_vl_text", visionType: "qwen2_vl_vision", isFlat: true),
    composite("qwen2_5_vl", textType: "qwen2_5_vl_text", visionType: "qwen2_5_vl_vision", isFlat: true),
    sections("qwen3_vl_text", defaults: qwen3VL, pairing: .half, axes: PositionAxes.interleavedSections),
    composite("qwen3_vl", textType: "qwen3_vl_text", visionType: "qwen3_vl_vision"),
    sections("qwen3_vl_moe_text", defaults: qwen3VLMoE, pairing: .half, axes: PositionAxes.interleavedSections),
    composite("qwen3_vl_moe", textType: "qwen3_vl_moe_text", visionType: "qwen3_vl_vision"),
    sections(
      "qwen3_5_moe_text", defaults: .transformers("Qwen3_5MoeTextConfig", qwen35MoEValues), pairing: .half,
      rope: RopeKeys(honoursPartial: true), axes: PositionAxes.interleavedSections),
    sections(
      "qwen3_5_text", defaults: qwen35, pairing: .half, rope: RopeKeys(honoursPartial: true),
      axes: PositionAxes.interleavedSections),
    composite("qwen3_5", textType: "qwen3_5_text", visionType: "qwen3_vl_vision"),
    composite("qwen3_5_moe", textType: "qwen3_5_moe_text", visionType: "qwen3_vl_vision"),
    // GLM-4.1V is interleaved and GLM-4.5V is half, with the same sections.
    sections("glm4v_text", defaults: glm4V, pairing: .interleaved, rope: RopeKeys(honoursPartial: true)),
    composite("glm4v", textType: "glm4v_text", visionType: "glm4v_vision"),
    sections("glm4v_moe_text", defaults: glm4VMoE, pairing: .half, rope: RopeKeys(honoursPartial: true)),
    composite("glm4v_moe", textType: "glm4v_moe_text", visionType: "glm4v_vision"),
    // The file's sections are (height, width, time), but the axes of its position ids are (time, height, width).
    sections("ernie4_5_vl_moe_text", defaults: ernieVL, pairing: .interleaved) {
      .alternatingSections([$0[2], $0[0], $0[1]])
    },
    composite("ernie4_5_vl_moe", textType: "ernie4_5_vl_moe_text", visionType: "ernie4_5_vl_moe_vision"),
    hunyuanVL,
    composite("hunyuan_vl", textType: "hunyuan_vl_text", visionType: nil, isFlat: true),
  ]

  /// HunYuan-VL as its own code and vLLM compute it: four axes (index, width, height, time).
  ///
  /// In transformers 5.23.0, different axes drive the two channels of a pair, which is not a rotation.
  private static let hunyuanVL = Family(
    "hunyuan_vl_text",
    defaults: .transformers("HunYuanVLTextConfig", ClassDefaults.llama.values)
  ) { config in
    let heads = try config.heads()
    let parameters = try config.ropeParameters(RopeKeys(rewrites: ["xdrope": "dynamic"], alphaIsStatic: true))
    var configuration = try parameters.configuration(headDimension: heads.dimension, pairing: .half)
    let key = parameters.object.given("mrope_section") == nil ? "xdrope_section" : "mrope_section"
    let (holder, lengths) = try parameters.sections(key, count: 2...4, pairs: configuration.rotaryDimension / 2)
    configuration.axes = .sections(lengths)
    holder.note(key, "is read as in Tencent's code and vLLM; transformers 5.23.0 derives no rotation from it")
    return [Model(nil, configuration, heads)]
  }

  private static let qwen2VL = ClassDefaults.transformers(
    "Qwen2VLTextConfig",
    [
      "hidden_size": 8192, "num_attention_heads": 64, "num_key_value_heads": 8, "rope_theta": 1_000_000,
      "max_position_embeddings": 32768, "mrope_section": [16, 24, 24],
    ])

  private static let qwen3VL = ClassDefaults.transformers(
    "Qwen3VLTextConfig",
    [
      "hidden_size": 4096, "num_attention_heads": 32, "num_key_value_heads": 32, "head_dim": 128,
      "rope_theta": 500_000, "max_position_embeddings": 128000, "mrope_section": [24, 20, 20],
    ])

  private static let qwen3VLMoE = ClassDefaults.transformers(
    "Qwen3VLMoeTextConfig",
    [
      "hidden_size": 2048, "num_attention_heads": 16, "num_key_value_heads": 16, "rope_theta": 500_000,
      "max_position_embeddings": 128000, "mrope_section": [24, 20, 20],
    ])

  private static let qwen35 = ClassDefaults.transformers(
    "Qwen3_5TextConfig",
    [
      "hidden_size": 4096, "num_attention_heads": 16, "num_key_value_heads": 4, "head_dim": 256, "rope_theta": 10000,
      "partial_rotary_factor": 0.25, "max_position_embeddings": 32768, "mrope_section": [11, 11, 10],
    ])

  private static let qwen35MoEValues = qwen35.with(["hidden_size": 2048, "num_key_value_heads": 2]).values

  private static let glm4V = ClassDefaults.transformers(
    "Glm4vTextConfig",
    [
      "hidden_size": 4096, "num_attention_heads": 32, "num_key_value_heads": 2, "rope_theta": 10000,
      "max_position_embeddings": 32768, "mrope_section": [8, 12, 12],
    ])

  private static let glm4VMoE = ClassDefaults.transformers(
    "Glm4vMoeTextConfig",
    [
      "hidden_size": 4096, "num_attention_heads": 96, "num_key_value_heads": 8, "rope_theta": 10000,
      "partial_rotary_factor": 0.5, "max_position_embeddings": 65536, "mrope_section": [8, 12, 12],
    ])

  private static let ernieVL = ClassDefaults.transformers(
    "Ernie4_5_VLMoeTextConfig",
    [
      "hidden_size": 2560, "num_attention_heads": 20, "num_key_value_heads": 4, "rope_theta": 500_000,
      "max_position_embeddings": 131072, "mrope_section": [22, 22, 20],
    ])

  private static func sections(
    _ modelTypes: String..., defaults: ClassDefaults, pairing: Pairing, heads: HeadKeys = HeadKeys(),
    rope: RopeKeys = RopeKeys(), axes: @escaping @Sendable ([Int]) -> PositionAxes = { .sections($0) }
  ) -> Family {
    Family(modelTypes: modelTypes, defaults: defaults) { config in
      let heads = try config.heads(heads), parameters = try config.ropeParameters(rope)
      var configuration = try parameters.configuration(headDimension: heads.dimension, pairing: pairing)
      let pairs = configuration.rotaryDimension / 2
      configuration.axes = axes(try parameters.sections("mrope_section", count: 3...3, pairs: pairs).lengths)
      return [Model(nil, configuration, heads)]
    }
  }
}

extension RopeParameters {
  /// The number of pairs of each axis, and the object of the file that holds them.
  ///
  /// `count` is the allowed numbers of axes.
  fileprivate func sections(
    _ key: String, count: ClosedRange<Int>, pairs: Int
  ) throws -> (holder: ConfigObject, lengths: [Int]) {
    let holder = object.given(key) == nil ? config : object
    let lengths = try holder.needed(key, holder.ints, for: "it says which axis drives which pair")
    guard count.contains(lengths.count), lengths.allSatisfy({ (0...pairs).contains($0) }),
      lengths.reduce(0, +) == pairs
    else {
      let number = count.count == 1 ? "\(count.lowerBound)" : "\(count.lowerBound) to \(count.upperBound)"
      throw holder.invalid(
        key, .array(lengths.map { .number(Double($0)) }), "\(number) lengths that sum to \(pairs) pairs")
    }
    return (holder, lengths)
  }
}
