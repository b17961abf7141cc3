public import Foundation
import RoPE

/// What a Hugging Face config.json says of a model's rotary embeddings.
///
/// The family is told by `model_type` (in diffusers by `_class_name`); both the older form, `rope_theta` beside
/// `rope_scaling`, and the newer one, `rope_parameters`, are read. Where the file leaves a value to its class, the
/// class default is taken from a table, those of transformers 5.23.0, and listed in ``defaults``.
public struct ModelConfig: Sendable {
  /// The name of the file that was read, as errors give it.
  public let file: String
  /// The kinds of layers: one without a name, or several with names of their own.
  public let layerKinds: [LayerKind]
  /// The values that the file left to its class, in the order in which they were needed.
  public let defaults: [DefaultValue]
  /// The values that its class ignores or reads otherwise than their names say, where that is known, and every rotary
  /// key that nothing reads.
  public let notes: [ConfigNote]

  /// Reads a file.
  ///
  /// - Throws: ``ModelConfigError`` naming the file, the key and the value.
  public init(contentsOf path: String) throws {
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
  public init(json: Data, file: String) throws {
    try self.init(values: JSONValue.object(of: json, file: file), file: file)
  }

  init(values: [String: JSONValue], file: String) throws {
    let remarks = Remarks()
    let root = ConfigObject(file: file, path: "", values: values, defaults: .none, remarks: remarks)
    let kinds = try Family.layerKinds(of: root)
    for kind in kinds {
      do {
        try kind.configuration.validate()
      } catch {
        throw ModelConfigError.configuration(file: file, layerKind: kind.name, error)
      }
    }
    try remarks.reportUnread()
    self.file = file
    layerKinds = kinds
    defaults = remarks.defaults
    notes = remarks.notes
  }
}
