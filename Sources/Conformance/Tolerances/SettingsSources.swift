import Configuration

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
    } catch {
      throw .unreadableFile(path: path, reason: "\(error)")
    }
    name = path.split(separator: "/").last.map(String.init) ?? path
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
