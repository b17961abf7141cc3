extension Family {
  /// A model with a text part in `text_config` and, if it rotates, a vision part in `vision_config`.
  ///
  /// The layer kinds of the text keep their names; a text without kinds is called `text` if there is a `vision`.
  ///
  /// `textType` is the model type of a text part that does not name its own. `visionType` is the model type of the
  /// vision part; nil if that does not rotate. If `isFlat`, older files have the keys of the text at the top level.
  static func composite(_ modelType: String, textType: String, visionType: String?, isFlat: Bool = false) -> Family {
    Family(modelType, defaults: .none) { config in
      var models: [Model]
      if let text = try config.object("text_config") {
        models = try part(text, of: modelType, as: textType)
      } else if isFlat {
        models = try part(config, of: modelType, as: textType)
      } else {
        throw config.missing("text_config", "it describes the text part of \(modelType)")
      }
      guard let visionType, let vision = try config.object("vision_config") else { return models }
      if models.count == 1, models[0].kind == nil { models[0].kind = "text" }
      return try models
        + part(vision, of: modelType, as: visionType).map { part in
          var vision = part
          vision.kind = "vision"
          return vision
        }
    }
  }

  /// Reads a part, which often carries the model type of the whole.
  private static func part(_ config: ConfigObject, of modelType: String, as type: String) throws -> [Model] {
    let own = try config.string("model_type")
    guard own == nil || own == modelType || own == type else { return try models(of: config) }
    return try models(of: config, as: type)
  }
}
