import RoPE

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
      return [LayerKind(nil, .withoutRoPE(headDimension: heads.dimension), heads)]
    }
  }
}
