public import RoPE

/// What is wrong with a model's config.json, or with a plan in JSON: the file, the key, the value.
public enum ModelConfigError: Error, Equatable, CustomStringConvertible {
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

  public var description: String {
    switch self {
    case .unreadable(let file, let reason):
      "\(file): \(reason)"
    case .notJSON(let file, let line, let column, let reason):
      "\(file): not JSON at line \(line), column \(column): \(reason)"
    case .repeated(let file, let key):
      "\(file): \(key) is given twice: leave one of them"
    case .missing(let file, let key, let reason):
      "\(file): \(key) is missing: \(reason)"
    case .invalid(let file, let key, let value, let requirement):
      "\(file): \(key) \(value): must be \(requirement)"
    case .contradiction(let file, let key, let value, let otherKey, let otherValue):
      "\(file): \(key) \(value) contradicts \(otherKey) \(otherValue)"
    case .unknownModelType(let file, let key, let value):
      "\(file): \(key) \(value): none of the model types whose rotary convention is known"
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
