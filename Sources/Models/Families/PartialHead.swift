import RoPE

extension Family {
  /// Families that rotate the first channels of the head; the file or the class gives their share.
  static let partialHead: [Family] = [
    // The types "su" and "yarn" mean longrope here: Phi3Config.convert_rope_params_to_dict.
    .text(
      "phi3",
      defaults: .transformers(
        "Phi3Config",
        [
          "hidden_size": 3072, "num_attention_heads": 32, "rope_theta": 10000, "partial_rotary_factor": 1,
          "max_position_embeddings": 4096, "original_max_position_embeddings": 4096,
        ]), pairing: .half,
      rope: RopeKeys(honoursPartial: true, rewrites: ["su": "longrope", "yarn": "longrope"])),
    .text(
      "phi",
      defaults: .transformers(
        "PhiConfig",
        [
          "hidden_size": 2048, "num_attention_heads": 32, "rope_theta": 10000, "partial_rotary_factor": 0.5,
          "max_position_embeddings": 2048,
        ]), pairing: .half, rope: RopeKeys(honoursPartial: true)),
    // Only its layers of full attention rotate; the others have no positions.
    .text(
      "qwen3_next",
      defaults: .transformers(
        "Qwen3NextConfig",
        [
          "hidden_size": 2048, "num_attention_heads": 16, "num_key_value_heads": 2, "head_dim": 256,
          "rope_theta": 10000, "partial_rotary_factor": 0.25, "max_position_embeddings": 32768,
        ]), pairing: .half, rope: RopeKeys(honoursPartial: true)),
    .text(
      "gpt_neox",
      defaults: .transformers(
        "GPTNeoXConfig",
        [
          "hidden_size": 6144, "num_attention_heads": 64, "rotary_emb_base": 10000, "rotary_pct": 0.25,
          "max_position_embeddings": 2048,
        ]), pairing: .half, heads: .plain,
      rope: RopeKeys(theta: "rotary_emb_base", partial: "rotary_pct", honoursPartial: true)),
    .text(
      "stablelm",
      defaults: .transformers(
        "StableLmConfig",
        [
          "hidden_size": 2560, "num_attention_heads": 32, "num_key_value_heads": 32, "rope_theta": 10000,
          "partial_rotary_factor": 0.25, "max_position_embeddings": 4096,
        ]), pairing: .half, heads: HeadKeys(dimension: nil), rope: RopeKeys(honoursPartial: true)),
    // The checkpoints have base 25000, the class has 10000.
    .text(
      "persimmon",
      defaults: .transformers(
        "PersimmonConfig",
        [
          "hidden_size": 4096, "num_attention_heads": 64, "rope_theta": 10000, "partial_rotary_factor": 0.5,
          "max_position_embeddings": 16384,
        ]), pairing: .half, heads: .plain, rope: RopeKeys(honoursPartial: true)),
    .text(
      "nemotron",
      defaults: .transformers(
        "NemotronConfig",
        [
          "hidden_size": 6144, "num_attention_heads": 48, "rope_theta": 10000, "partial_rotary_factor": 0.5,
          "max_position_embeddings": 4096,
        ]), pairing: .half, rope: RopeKeys(honoursPartial: true)),
    .text(
      "minimax_m2", defaults: miniMaxM2, pairing: .half, rope: RopeKeys(honoursPartial: true),
      change: applyRotaryDimension),
    // As in the published code: the class of the same model in transformers, "minimax", rotates the whole head.
    .text(
      "minimax_text_01", "MiniMaxText01", defaults: miniMaxText01, pairing: .half,
      rope: RopeKeys(honoursPartial: true), change: applyRotaryDimension),
    gptJ,
  ]

  private static let miniMaxText01 = ClassDefaults(
    source: "MiniMaxAI configuration_minimax_text_01.py",
    values: [
      "hidden_size": 4096, "num_attention_heads": 32, "num_key_value_heads": 8, "rope_theta": 1_000_000,
      "max_position_embeddings": 131072,
    ])

  private static let miniMaxM2 = ClassDefaults.transformers(
    "MiniMaxM2Config",
    [
      "hidden_size": 3072, "num_attention_heads": 48, "num_key_value_heads": 8, "head_dim": 128,
      "rope_theta": 5_000_000, "max_position_embeddings": 196608,
    ])

  /// Applies `rotary_dim` if no share is given; without either key the whole head rotates.
  @Sendable private static func applyRotaryDimension(
    _ config: ConfigObject, _ parameters: RopeParameters, _ configuration: inout Configuration
  ) throws {
    guard let dimension = try config.int("rotary_dim") else { return }
    try config.checkRotaryDimension(dimension, of: configuration.headDimension)
    let share = parameters.object.given("partial_rotary_factor") ?? config.given("partial_rotary_factor")
    if share == nil {
      configuration.rotaryDimension = dimension
    } else if configuration.rotaryDimension != dimension {
      throw config.contradiction("rotary_dim", config, "partial_rotary_factor")
    }
  }

  /// GPT-J, whose base is written in its modelling code.
  private static let gptJ = Family(
    "gptj",
    defaults: .transformers("GPTJConfig", ["n_embd": 4096, "n_head": 16, "rotary_dim": 64])
  ) { config in
    let heads = try config.heads(.short)
    let dimension = try config.needed("rotary_dim", config.int, for: "it is the number of channels that rotate")
    try config.checkRotaryDimension(dimension, of: heads.dimension)
    config.fixed("rope_theta", 10000, in: "transformers 5.23.0, modeling_gptj.py")
    return [
      Model(
        nil,
        Configuration(
          headDimension: heads.dimension, rotaryDimension: dimension, pairing: .interleaved, base: 10000), heads)
    ]
  }
}

extension ConfigObject {
  /// Checks a number of rotating channels that the file itself gives.
  func checkRotaryDimension(_ dimension: Int, of headDimension: Int) throws {
    guard dimension >= 2, dimension <= headDimension, dimension.isMultiple(of: 2) else {
      throw invalid(
        "rotary_dim", .number(Double(dimension)), "even and between 2 and the head dimension \(headDimension)")
    }
  }
}
