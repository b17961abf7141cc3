import RoPE

/// A way to read the configurations of one or more model types.
struct Family: Sendable {
  /// The values of `model_type`, or of `_class_name` in diffusers, that it reads.
  let modelTypes: [String]
  /// The defaults for keys that a file leaves out.
  let defaults: ClassDefaults
  let models: @Sendable (ConfigObject) throws -> [Model]

  init(
    _ modelType: String, defaults: ClassDefaults,
    models: @escaping @Sendable (ConfigObject) throws -> [Model]
  ) {
    self.init(modelTypes: [modelType], defaults: defaults, models: models)
  }

  init(
    modelTypes: [String], defaults: ClassDefaults,
    models: @escaping @Sendable (ConfigObject) throws -> [Model]
  ) {
    self.modelTypes = modelTypes
    self.defaults = defaults
    self.models = models
  }
}

extension Family {
  /// Every family, from the lists in the files of this folder.
  static let all =
    wholeHead + experts + partialHead + glm + chatGLM + latentAttention + gemma + someLayersRotate + severalAxes
    + vision
    + diffusion + withoutRoPE

  private static let byModelType = Dictionary(
    all.flatMap { family in family.modelTypes.map { ($0, family) } }, uniquingKeysWith: { first, _ in first })

  /// Every value of `model_type` whose convention is known.
  static var modelTypes: [String] { byModelType.keys.sorted() }

  /// The models of a config, one for each kind of layer, by its model type.
  static func models(of config: ConfigObject) throws -> [Model] {
    let key = config.given("model_type") == nil && config.given("_class_name") != nil ? "_class_name" : "model_type"
    let type = try config.needed(key, config.string, for: "the family decides the convention")
    return try models(of: config, as: type, key: key)
  }

  /// The models of a config that is read as a given model type.
  static func models(of config: ConfigObject, as type: String, key: String = "model_type") throws -> [Model] {
    guard let family = byModelType[type] else {
      throw ModelConfigError.unknownModelType(
        file: config.file, key: config.path + key, value: JSONValue.string(type).description)
    }
    return try family.models(config.with(defaults: family.defaults))
  }
}

extension Family {
  /// A family whose layers all rotate alike.
  ///
  /// `change` is what the family does differently.
  static func text(
    _ modelTypes: String..., defaults: ClassDefaults, pairing: Pairing, heads: HeadKeys = HeadKeys(),
    rope: RopeKeys = RopeKeys(),
    change: @escaping @Sendable (ConfigObject, RopeParameters, inout Configuration) throws -> Void = { _, _, _ in }
  ) -> Family {
    Family(modelTypes: modelTypes, defaults: defaults) { config in
      let heads = try config.heads(heads), parameters = try config.ropeParameters(rope)
      var configuration = try parameters.configuration(headDimension: heads.dimension, pairing: pairing)
      try change(config, parameters, &configuration)
      return [Model(nil, configuration, heads)]
    }
  }
}

extension RopeParameters {
  /// A rotation of the first channels of the head, on one position axis.
  func configuration(headDimension: Int, pairing: Pairing) throws -> Configuration {
    let scaling = try scaling()
    let configuration = Configuration(
      headDimension: headDimension, rotaryDimension: try rotaryDimension(of: headDimension), pairing: pairing,
      base: try base(), scaling: scaling.scaling, attentionFactor: scaling.attentionFactor)
    do {
      try configuration.validate()
    } catch {
      throw located(error)
    }
    return configuration
  }
}
