extension Family {
  /// Families that are known, and whose rotation has no configuration.
  static let refused: [Family] = [
    refusing(
      "hunyuan_vl", "hunyuan_vl_text",
      reason: "no rotation in transformers 5.23.0, where the two channels of a pair are driven by different axes"),
    refusing(
      "dinov3_vit",
      reason: "its coordinates lie between -1 and 1 times 2π, and positions here are integers"),
  ]

  private static func refusing(_ modelTypes: String..., reason: String) -> Family {
    Family(modelTypes: modelTypes, defaults: .none) { config in
      throw ModelConfigError.inexpressible(
        file: config.file, key: config.path + "model_type", value: config.given("model_type")?.description ?? "null",
        reason: reason)
    }
  }
}
