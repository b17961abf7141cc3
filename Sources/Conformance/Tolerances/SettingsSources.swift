import Configuration
import Foundation

/// The tolerances file, read once.
struct SettingsFile {
  /// The last component of the path, which rules name as their origin.
  let name: String
  /// The texts under the key `rules`, in order.
  let rules: [String]
  /// All values, for settings that environment or flags can override.
  let provider: any ConfigProvider

  /// Reads a YAML file.
  ///
  /// - Throws: ``ToleranceError/unreadableFile(path:reason:)`` where it is missing, is not YAML, or
  ///   `rules` is no list of texts.
  init(path: String) async throws(ToleranceError) {
    do {
      let location = InMemoryProvider(values: ["filePath": ConfigValue(.string(path), isSecret: false)])
      let file = try await FileProvider<YAMLSnapshot>(config: ConfigReader(provider: location))
      let list = try file.value(forKey: ["rules"], type: .stringArray).value
      rules = if case .stringArray(let texts) = list?.content { texts } else { [] }
      provider = file
      try Self.checkKeys(of: path)
    } catch let error as ToleranceError {
      throw error
    } catch {
      throw .unreadableFile(path: path, reason: "\(error)")
    }
    name = path.split(separator: "/").last.map(String.init) ?? path
  }

  /// The keys that a file may have.
  static let keys = ["rules", "fixtures", "device", "runs", "backend"]

  /// Providers answer only for keys that are asked for, so that a misspelled one would go unnoticed.
  private static func checkKeys(of path: String) throws {
    for line in try String(contentsOfFile: path, encoding: .utf8).split(whereSeparator: \.isNewline) {
      // Top-level keys begin their line; what is nested is indented or begins with a dash.
      guard let key = line.prefixMatch(of: /([^\s#\-'":][^:]*?)\s*:/)?.output.1 else { continue }
      guard keys.contains(String(key)) else { throw ToleranceError.unknownKey(String(key), path: path) }
    }
  }
}

/// The variables of this project in the environment, which are all known and not empty.
struct EnvironmentSettings {
  /// The variables under keys without the prefix: `tolerances.file` is `ROPE_TOLERANCES_FILE`.
  let provider: any ConfigProvider
  /// The text of `ROPE_TOLERANCES`.
  let tolerances: String?

  /// Checks the variables whose names begin with `ROPE_`.
  ///
  /// - Throws: ``ToleranceError/unknownVariable(_:)`` or ``ToleranceError/emptyVariable(_:)``.
  init(_ environment: [String: String]) throws(ToleranceError) {
    for (name, value) in environment.sorted(by: <) where name.hasPrefix("ROPE_") {
      guard Settings.variables.contains(name) else { throw .unknownVariable(name) }
      guard !value.trimmed.isEmpty else { throw .emptyVariable(name) }
    }
    provider = EnvironmentVariablesProvider(environmentVariables: environment).prefixKeys(with: "rope")
    tolerances = ConfigReader(provider: provider).string(forKey: "tolerances")
  }
}
