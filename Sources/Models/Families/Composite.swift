extension Family {
  /// A model with a text part in `text_config` and, where its vision part rotates, that in `vision_config`.
  ///
  /// The kinds of the text keep their names, or are called `text` beside a `vision`.
  ///
  /// - Parameters:
  ///   - textType: the model type of a text part that does not name its own.
  ///   - visionType: the model type of the vision part; nil where that does not rotate.
  ///   - isFlat: whether older files have the keys of the text at the top level.
  static func composite(_ modelType: String, textType: String, visionType: String?, isFlat: Bool = false) -> Family {
    Family(modelType, defaults: .none) { config in
      var kinds: [LayerKind]
      if let text = try config.object("text_config") {
        kinds = try part(text, of: modelType, as: textType)
      } else if isFlat {
        kinds = try part(config, of: modelType, as: textType)
      } else {
        throw config.missing("text_config", "the text part of \(modelType)")
      }
      guard let visionType, let vision = try config.object("vision_config") else { return kinds }
      if kinds.count == 1, kinds[0].name == nil { kinds[0].name = "text" }
      return try kinds
        + part(vision, of: modelType, as: visionType).map { kind in
          var named = kind
          named.name = "vision"
          return named
        }
    }
  }

  /// Parts often carry the model type of the whole.
  private static func part(_ config: ConfigObject, of modelType: String, as type: String) throws -> [LayerKind] {
    let own = try config.string("model_type")
    guard own == nil || own == modelType || own == type else { return try layerKinds(of: config) }
    return try layerKinds(of: config, as: type)
  }
}
