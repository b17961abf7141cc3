import Foundation
import RoPE

/// The rotary convention of a model, of a group of its layers that rotate alike, or of an explicit plan.
package struct Model: Sendable, Equatable {
  /// The name in case names and files, such as `glm-4-9b-chat`.
  ///
  /// If the model has several layer kinds, the kind follows, as in `gemma-3-4b-local`.
  package internal(set) var name: String
  /// The origin of the values.
  package internal(set) var source: String
  /// The rotation of its heads.
  package let convention: Convention
  /// The number of heads of a layer; nil if it is unknown.
  package let heads: PerTensor<Int>?
  /// The kind of its layers, such as `local` or `nope`; nil if all layers of the model are alike.
  package internal(set) var kind: String?
  /// The indices of its layers, from 0; nil if the file does not list kinds by layer.
  package let layers: [Int]?
  /// Values that its file leaves to its class.
  package internal(set) var defaults: [DefaultValue]
  /// Values that its class ignores or reads differently from what their names say.
  package internal(set) var notes: [ConfigNote]

  /// A convention under a name.
  package init(
    name: String, source: String, convention: Convention, heads: PerTensor<Int>? = nil, kind: String? = nil,
    layers: [Int]? = nil, defaults: [DefaultValue] = [], notes: [ConfigNote] = []
  ) {
    self.name = name
    self.source = source
    self.convention = convention
    self.heads = heads
    self.kind = kind
    self.layers = layers
    self.defaults = defaults
    self.notes = notes
  }

  /// A group of layers that rotate alike, as a family reads them; ``ModelConfig`` adds the facts of the whole file.
  init(_ kind: String?, _ configuration: Configuration, _ heads: HeadGeometry, layers: [Int]? = nil) {
    self.init(
      name: "", source: "", convention: .configuration(configuration),
      heads: PerTensor(query: heads.query, key: heads.key), kind: kind, layers: layers)
  }

  /// The same heads without a rotation.
  package var withoutRoPE: Model {
    Model(
      name: name, source: source,
      convention: .configuration(.withoutRoPE(headDimension: convention.headDimension)), heads: heads)
  }
}

extension Model {
  /// Every bundled model, in the order of ``bundledFiles``.
  ///
  /// They are read once, from `Resources/<name>.json`. Each file holds the part of the model's own config.json that its
  /// rotation depends on, and the origin of the values under `_source`.
  ///
  /// - Throws: ``ModelConfigError`` if a resource is missing or wrong.
  package static var bundled: [Model] {
    get throws { try loaded.get() }
  }

  /// The bundled model with the given name.
  ///
  /// - Throws: ``ModelConfigError/unknownModel(_:known:)`` if there is none.
  package static func named(_ name: String) throws -> Model {
    let models = try bundled
    guard let model = models.first(where: { $0.name == name }) else {
      throw ModelConfigError.unknownModel(name, known: models.map(\.name))
    }
    return model
  }

  /// Every `model_type` of a config.json whose convention is known, and every `_class_name` of a diffusion model's.
  package static var types: [String] { Family.modelTypes }

  private static let loaded = Result { try bundledFiles.flatMap(load) }

  private static func load(_ name: String) throws -> [Model] {
    let file = "\(name).json"
    let data = try ResourceFolder.data(of: file)
    let values = try JSONValue.object(of: data, file: file)
    guard case .string(let source) = values["_source"] else {
      throw ModelConfigError.missing(file: file, key: "_source", reason: "it says where the values come from")
    }
    return try ModelConfig(values: values, file: file).models(named: name, source: source)
  }
}

extension Model {
  /// The names of the bundled config files, in the order in which models are listed.
  package static let bundledFiles = [
    // GLM, and models that it is confused with.
    "chatglm3-6b", "glm-4-9b-chat", "glm-4-9b-0414", "glm-4.5", "llama-2-7b", "gpt2",
    // Text, the whole head.
    "llama-2-7b-32k", "llama-2-7b-dynamic", "llama-3.1-8b", "llama-3.2-1b", "llama-4-scout", "mistral-7b-v0.1",
    "mistral-7b-v0.3", "qwen2.5-7b", "qwen2.5-7b-yarn", "phi-3-mini-128k", "falcon-7b", "command-r-v01",
    "command-r7b", "gpt-oss-20b", "gemma-2-9b", "gemma-3-4b", "gemma-4-e2b", "minimax-text-01-transformers",
    "olmo-7b", "olmo-2-7b", "ernie-4.5-0.3b", "hunyuan-7b",
    // Text, a part of the head.
    "phi-4-mini", "gpt-j-6b", "gpt-neox-20b", "stablelm-3b", "nemotron-8b", "chatglm2-6b", "glm-4v-9b",
    "deepseek-v2-lite", "deepseek-v3", "deepseek-v3.2", "kimi-k2", "glm-5", "minimax-text-01",
    // Several position axes.
    "chatglm-6b", "qwen2-vl-72b", "qwen3-vl-30b-a3b", "glm-4.1v-9b", "glm-4.5v", "ernie-4.5-vl-28b-a3b",
    "hunyuan-ocr", "llama-4-vision", "pixtral-12b-vision", "kimi-k2.5-vision", "dinov3-vits16", "flux.1", "wan-2.1",
  ]
}
