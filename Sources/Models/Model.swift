import Foundation
public import RoPE

/// A model family's convention, with where its values come from.
public struct Model: Sendable {
  /// The name that case names and files use, such as `glm-4-9b-chat`; a model of several layer kinds has the kind
  /// behind it, such as `gemma-3-4b-local`.
  public let name: String
  /// Where the values come from.
  public let source: String
  /// The convention.
  public let configuration: Configuration
  /// Query heads of a layer.
  public let queryHeads: Int
  /// Key heads of a layer.
  public let keyHeads: Int
  /// What its file leaves to its class.
  public let defaults: [DefaultValue]
  /// What its class ignores of its file, or reads otherwise than it looks.
  public let notes: [ConfigNote]
}

extension Model {
  /// Every bundled model, in the order of ``bundledFiles``.
  ///
  /// They are read once, from `Resources/<name>.json`: each is the part of the model's own config.json that its
  /// rotation depends on, and under `_source` where its values come from.
  ///
  /// - Throws: ``ModelConfigError`` where a resource is missing or wrong.
  public static var bundled: [Model] {
    get throws { try loaded.get() }
  }

  /// The bundled model of a name.
  ///
  /// - Throws: ``ModelConfigError/unknownModel(_:known:)`` where there is none.
  public static func named(_ name: String) throws -> Model {
    let models = try bundled
    guard let model = models.first(where: { $0.name == name }) else {
      throw ModelConfigError.unknownModel(name, known: models.map(\.name))
    }
    return model
  }

  /// Every `model_type` of a config.json whose convention is known, and every `_class_name` of a diffusion model's.
  public static var types: [String] { Family.modelTypes }

  private static let loaded = Result { try bundledFiles.flatMap(load) }

  private static func load(_ name: String) throws -> [Model] {
    let file = "\(name).json"
    guard let url = Bundle.module.url(forResource: name, withExtension: "json", subdirectory: "Resources"),
      let data = try? Data(contentsOf: url)
    else { throw ModelConfigError.unreadable(file: file, reason: "no such resource of Models") }
    let values = try JSONValue.object(of: data, file: file)
    guard case .string(let source) = values["_source"] else {
      throw ModelConfigError.missing(file: file, key: "_source", reason: "where its values come from")
    }
    return try ModelConfig(values: values, file: file).models(named: name, source: source)
  }
}

extension ModelConfig {
  /// One model for each kind of layer, whose name is behind the model's where there are several.
  public func models(named name: String, source: String) -> [Model] {
    layerKinds.map { kind in
      Model(
        name: kind.name.map { "\(name)-\($0)" } ?? name, source: source, configuration: kind.configuration,
        queryHeads: kind.queryHeads, keyHeads: kind.keyHeads, defaults: defaults, notes: notes)
    }
  }
}
