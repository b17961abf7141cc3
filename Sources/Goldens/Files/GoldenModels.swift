public import Models

extension Model {
  /// The names of the bundled models that have golden files, in the order in which the manifest lists them.
  public static let namesWithGoldens = [
    "chatglm3-6b", "glm-4-9b-chat", "glm-4-9b-0414", "glm-4.5", "llama-2-7b", "gpt2",
  ]

  /// The bundled models that have golden files.
  ///
  /// - Throws: `ModelConfigError` where a model is missing or wrong.
  public static var withGoldens: [Model] {
    get throws { try namesWithGoldens.map { try named($0) } }
  }
}
