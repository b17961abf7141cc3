import Files
import Foundation
import RoPE

/// The rotary conventions that a Hugging Face config.json gives its model.
///
/// `model_type` decides the family (in diffusers, `_class_name`). Both the older form, with `rope_theta` and
/// `rope_scaling`, and the newer one, with `rope_parameters`, are read. A value that the file leaves to its class comes
/// from a table of the class defaults, those of transformers 5.23.0, and is listed in ``defaults``.
package struct ModelConfig: Sendable {
  /// The name of the file that was read, as used in errors.
  package let file: String
  /// One model for each kind of layer: one without a kind, or several with kinds of their own.
  ///
  /// They are named after the file, followed by a comma and their kind if they have one.
  package let models: [Model]
  /// The values that the file left to its class, in the order in which they were needed.
  package let defaults: [DefaultValue]
  /// The values that its class is known to ignore, or to read differently from what their names say, and every rotary
  /// key that nothing reads.
  package let notes: [ConfigNote]

  /// Reads a file.
  ///
  /// - Throws: ``ModelConfigError`` naming the file, the key and the value.
  package init(contentsOf path: String) throws {
    try self.init(json: Self.contents(of: path), file: path)
  }

  /// The most bytes of a file: far more than a configuration or a plan needs.
  private static let largestCount = 1 << 26

  static func contents(of path: String) throws(ModelConfigError) -> Data {
    do {
      return try InputFile.bytes(of: path, limit: largestCount)
    } catch {
      throw .unreadable(file: path, reason: "cannot be read: \(error.reason)")
    }
  }

  /// Reads the text of a file.
  ///
  /// `file` is the name of the file in errors.
  ///
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
  /// The models under a name, followed by their kind if there are several, such as `gemma-3-4b-local`.
  package func models(named name: String, source: String) -> [Model] {
    models.map { model in
      var named = model
      named.name = model.kind.map { "\(name)-\($0)" } ?? name
      named.source = source
      return named
    }
  }
}

/// An error in a model's config.json, or in a plan in JSON: the file, the key, the value.
package enum ModelConfigError: Error, Equatable, CustomStringConvertible {
  case unreadable(file: String, reason: String)
  /// The place is the first character that JSON does not allow there; lines and columns count from 1.
  case notJSON(file: String, line: Int, column: Int, reason: String)
  /// A key that one object has twice.
  case repeated(file: String, key: String)
  case missing(file: String, key: String, reason: String)
  case invalid(file: String, key: String, value: String, mustBe: String)
  /// Two keys that give different values for the same thing.
  case contradiction(file: String, key: String, value: String, otherKey: String, otherValue: String)
  case unknownModelType(file: String, key: String, value: String)
  /// A scaling of the frequencies that transformers does not have.
  case unknownScaling(file: String, key: String, value: String)
  /// A contradiction between values of several keys, in a layer kind if the model has several kinds.
  case configuration(file: String, layerKind: String?, ConfigurationError)
  /// An explicit plan whose pairs are not rotations.
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
