import Files
import Foundation
import Yams

/// The tolerances file, read once.
struct SettingsFile {
  /// The most bytes of a file.
  private static let largestCount = 1 << 20
  /// The keys that a file may have.
  static let keys = ["rules", "profile", "fixtures", "device", "runs", "backend"]

  /// The last component of the path, which rules name as their origin.
  let name: String
  /// The texts under the key `rules`, in order.
  private(set) var rules: [String] = []
  /// The values of the other keys, which environment or flags can override.
  private var values: [String: String] = [:]

  /// Reads a YAML file.
  ///
  /// - Throws: ``SettingsError/unreadableFile(path:reason:)`` if it is missing or not YAML, or `rules` is not a list of
  ///   texts; other cases if it has unknown keys or values that are not text.
  init(path: String) throws(SettingsError) {
    name = path.split(separator: "/").last.map(String.init) ?? path
    for (keyNode, value) in try Self.mapping(ofFile: path) {
      guard let key = keyNode.string else {
        throw .unreadableFile(path: path, reason: "a key is \(Self.kind(of: keyNode)), not a string.")
      }
      guard Self.keys.contains(key) else { throw .unknownKey(key, path: path) }
      if key == "rules" {
        rules = try Self.texts(of: value, path: path)
      } else if let text = value.string {
        values[key] = text
      } else {
        let reason = "it is \(Self.kind(of: value))"
        throw key == "runs" ? .runs(reason: reason) : .unreadableValue(key: key, reason: reason)
      }
    }
  }

  /// The value of a key other than `rules`; nil if the file has none.
  subscript(_ key: String) -> String? { values[key] }

  private static func mapping(ofFile path: String) throws(SettingsError) -> Node.Mapping {
    do {
      let bytes = try InputFile.bytes(of: path, limit: largestCount)
      guard let mapping = try Parser(yaml: bytes).singleRoot()?.mapping else {
        throw SettingsError.unreadableFile(path: path, reason: "the top level of the YAML is not a mapping.")
      }
      return mapping
    } catch let error as SettingsError {
      throw error
    } catch let error as FileError {
      throw .unreadableFile(path: path, reason: error.reason)
    } catch YamlError.duplicatedKeysInMapping(let keys, let context) {
      // The error's own text repeats the whole file.
      let keys = keys.sorted().map { "'\($0)'" }.joined(separator: ", ")
      throw .unreadableFile(path: path, reason: "line \(context.mark.line): \(keys) is given more than once.")
    } catch {
      throw .unreadableFile(path: path, reason: "\(error)")
    }
  }

  private static func texts(of rules: Node, path: String) throws(SettingsError) -> [String] {
    guard let nodes = rules.sequence else {
      throw .unreadableFile(path: path, reason: "'rules' must be a list of strings: it is \(kind(of: rules)).")
    }
    var texts: [String] = []
    for (index, node) in nodes.enumerated() {
      guard let text = node.string else {
        throw .unreadableFile(
          path: path, reason: "'rules' must be a list of strings: number \(index + 1) is \(kind(of: node)).")
      }
      texts.append(text)
    }
    return texts
  }

  private static func kind(of node: Node) -> String {
    switch node {
    case .scalar where node.null != nil: "nothing"
    case .scalar: "a string"
    case .sequence: "a list"
    case .mapping: "a mapping"
    case .alias: "an alias"
    }
  }
}

/// Settings that cannot be used: the place, the value, and the remedy.
package enum SettingsError: Error, Equatable, CustomStringConvertible {
  case unreadableFile(path: String, reason: String)
  case unreadableValue(key: String, reason: String)
  case runs(reason: String)
  case unknownKey(String, path: String)
  case unknownVariable(String)
  case emptyVariable(String)

  package var description: String {
    switch self {
    case .unreadableFile(let path, let reason):
      "tolerances file '\(path)': \(reason)\nChoose the file with --tolerances or ROPE_TOLERANCES_FILE. It must be YAML with "
        + "a list under the key rules; write rules that begin with * in quotes or after '>-'"
    case .unreadableValue(let key, let reason):
      "setting '\(key)': must be a single string: \(reason)"
    case .runs(let reason):
      "setting 'runs' (--runs, ROPE_RUNS): must be a whole number from \(Settings.runCounts.lowerBound) to "
        + "\(Settings.runCounts.upperBound): \(reason)"
    case .unknownKey(let key, let path):
      "tolerances file '\(path)': unknown key '\(key)': the known ones are \(SettingsFile.keys.joined(separator: ", "))"
    case .unknownVariable(let name):
      "unknown environment variable \(name): the known ones are \(Settings.variables.joined(separator: ", "))"
    case .emptyVariable(let name):
      "environment variable \(name) is empty: give it a value or unset it"
    }
  }
}
