import Foundation
import RoPE

/// The rotary conventions that a Hugging Face config.json gives its model.
///
/// The family is told by `model_type` (in diffusers by `_class_name`); both the older form, `rope_theta` beside
/// `rope_scaling`, and the newer one, `rope_parameters`, are read. Where the file leaves a value to its class, the
/// class default is taken from a table, those of transformers 5.23.0, and listed in ``defaults``.
package struct ModelConfig: Sendable {
  /// The name of the file that was read, as errors give it.
  package let file: String
  /// One model for each kind of layer: one without a kind, or several with kinds of their own.
  ///
  /// They are named after the file and, behind a comma, their kind.
  package let models: [Model]
  /// The values that the file left to its class, in the order in which they were needed.
  package let defaults: [DefaultValue]
  /// The values that its class ignores or reads otherwise than their names say, where that is known, and every rotary
  /// key that nothing reads.
  package let notes: [ConfigNote]

  /// Reads a file.
  ///
  /// - Throws: ``ModelConfigError`` naming the file, the key and the value.
  package init(contentsOf path: String) throws {
    try self.init(json: Self.contents(of: path), file: path)
  }

  static func contents(of path: String) throws(ModelConfigError) -> Data {
    do {
      return try Data(contentsOf: URL(fileURLWithPath: path))
    } catch {
      throw .unreadable(file: path, reason: "cannot be read: \(error.localizedDescription)")
    }
  }

  /// Reads the text of a file.
  ///
  /// - Parameter file: the name that errors give.
  /// - Throws: ``ModelConfigError`` naming the file, the key and the value.
  package init(json: Data, file: String) throws {
    try self.init(values: JSONValue.object(of: json, file: file), file: file)
  }

  init(values: [String: JSONValue], file: String) throws {
    let remarks = Remarks()
    let root = ConfigObject(file: file, path: "", values: values, defaults: .none, remarks: remarks)
    var models = try Family.models(of: root)
    for model in models {
      do {
        try model.convention.configuration?.validate()
      } catch {
        throw ModelConfigError.configuration(file: file, layerKind: model.kind, error)
      }
    }
    try remarks.reportUnread()
    for index in models.indices {
      models[index].name = models[index].kind.map { "\(file), \($0)" } ?? file
      models[index].source = file
      models[index].defaults = remarks.defaults
      models[index].notes = remarks.notes
    }
    self.file = file
    self.models = models
    defaults = remarks.defaults
    notes = remarks.notes
  }
  /// The models under a name, with the kind behind it where there are several, such as `gemma-3-4b-local`.
  package func models(named name: String, source: String) -> [Model] {
    models.map { model in
      var named = model
      named.name = model.kind.map { "\(name)-\($0)" } ?? name
      named.source = source
      return named
    }
  }
}

/// A mistake in a model's config.json, or in a plan in JSON: the file, the key, the value.
package enum ModelConfigError: Error, Equatable, CustomStringConvertible {
  case unreadable(file: String, reason: String)
  /// The place is that of the first character that no JSON text has there; lines and columns count from 1.
  case notJSON(file: String, line: Int, column: Int, reason: String)
  /// A key that one object has twice.
  case repeated(file: String, key: String)
  case missing(file: String, key: String, reason: String)
  case invalid(file: String, key: String, value: String, mustBe: String)
  /// Two keys that say the same thing differently.
  case contradiction(file: String, key: String, value: String, otherKey: String, otherValue: String)
  case unknownModelType(file: String, key: String, value: String)
  /// A scaling of the frequencies that is none of transformers'.
  case unknownScaling(file: String, key: String, value: String)
  /// A configuration that contradicts itself, not in the value of one key, of a layer kind where the model has several.
  case configuration(file: String, layerKind: String?, ConfigurationError)
  /// An explicit plan whose pairs are no rotations.
  case plan(file: String, PlanError)
  /// No bundled model has this name.
  case unknownModel(String, known: [String])

  package var description: String {
    switch self {
    case .unreadable(let file, let reason):
      "\(file): \(reason)"
    case .notJSON(let file, let line, let column, let reason):
      "\(file): not JSON at line \(line), column \(column): \(reason)"
    case .repeated(let file, let key):
      "\(file): \(key) is given twice: remove one of them"
    case .missing(let file, let key, let reason):
      "\(file): \(key) is missing: \(reason)"
    case .invalid(let file, let key, let value, let requirement):
      "\(file): \(key) \(value): must be \(requirement)"
    case .contradiction(let file, let key, let value, let otherKey, let otherValue):
      "\(file): \(key) \(value) contradicts \(otherKey) \(otherValue)"
    case .unknownModelType(let file, let key, let value):
      "\(file): \(key) \(value): the rotary convention of this model type is not known"
        + "\(Family.modelTypes.suggestion(for: value.filter { $0 != "\"" }, list: "'list --model-types'"))"
    case .unknownScaling(let file, let key, let value):
      "\(file): \(key) \(value): must be one of \(RopeType.allCases.map(\.rawValue).joined(separator: ", "))"
    case .configuration(let file, let layerKind, let error):
      "\(file): \(layerKind.map { "\($0) layers: " } ?? "")\(error)"
    case .plan(let file, let error):
      "\(file): \(error)"
    case .unknownModel(let name, let known):
      "no bundled model is named '\(name)'\(known.suggestion(for: name, list: "'list --models'"))"
    }
  }
}
