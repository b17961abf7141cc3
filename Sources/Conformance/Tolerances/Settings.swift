import Configuration
import Foundation

/// What a run is told from outside: file, then environment, then flags, each overriding the one before.
public struct Settings: Sendable, Equatable {
  /// The environment variables that are read. Any other whose name begins with `ROPE_` is an error.
  public static let variables = [
    "ROPE_TOLERANCES", "ROPE_TOLERANCES_FILE", "ROPE_FIXTURES", "ROPE_DEVICE", "ROPE_REQUIRE_DEVICE", "ROPE_RUNS",
    "ROPE_BACKEND",
  ]
  /// How often each case is run where no setting says so: twice shows a race, a third time tells it from state.
  public static let defaultRunCount = 3
  /// How often a case can be run.
  public static let runCounts = 1...1000

  /// The values of command-line flags; nil and empty where not given.
  public struct Flags: Sendable, Equatable {
    /// Rules `cases = budget because reason`, one for each `--tolerance`.
    public var tolerances: [String]
    /// The tolerances file.
    public var tolerancesFile: String?
    /// The folder of the golden files.
    public var fixtures: String?
    /// The device to run on.
    public var device: String?
    /// How often to run each case.
    public var runs: Int?
    /// The backend to judge.
    public var backend: String?

    /// Flags as given.
    public init(
      tolerances: [String] = [], tolerancesFile: String? = nil, fixtures: String? = nil, device: String? = nil,
      runs: Int? = nil, backend: String? = nil
    ) {
      self.tolerances = tolerances
      self.tolerancesFile = tolerancesFile
      self.fixtures = fixtures
      self.device = device
      self.runs = runs
      self.backend = backend
    }
  }

  /// The folder of the golden files.
  public let fixtures: String
  /// The device that was asked for; nil where the choice is the backend's.
  public let device: String?
  /// How often each case is run, to find races and state.
  public let runCount: Int
  /// The backend that was asked for; nil for that of this package.
  public let backend: String?
  /// The budgets of all cases.
  public let tolerances: Tolerances

  /// The settings of a run. Relative paths start from the working directory.
  ///
  /// - Parameters:
  ///   - environment: the variables of the process.
  ///   - flags: the values of the command line.
  ///   - root: the folder that holds `tolerances.yaml` and `Fixtures` where no setting names others.
  /// - Throws: ``ToleranceError``.
  public init(
    environment: [String: String], flags: Flags = Flags(), root: String = "."
  ) async throws(ToleranceError) {
    let variables = try EnvironmentSettings(environment)
    var given: [AbsoluteConfigKey: ConfigValue] = [:]
    given["tolerances.file"] = flags.tolerancesFile.map { ConfigValue(.string($0), isSecret: false) }
    given["fixtures"] = flags.fixtures.map { ConfigValue(.string($0), isSecret: false) }
    given["device"] = flags.device.map { ConfigValue(.string($0), isSecret: false) }
    given["runs"] = flags.runs.map { ConfigValue(.int($0), isSecret: false) }
    given["backend"] = flags.backend.map { ConfigValue(.string($0), isSecret: false) }
    let overrides: [any ConfigProvider] = [InMemoryProvider(values: given), variables.provider]

    let path = try await Settings.text("tolerances.file", from: overrides) ?? "\(root)/tolerances.yaml"
    let file = try await SettingsFile(path: path)
    tolerances = try Tolerances(file: file, environment: variables, flags: flags.tolerances)
    fixtures = try await Settings.text("fixtures", from: overrides + [file.provider]) ?? "\(root)/Fixtures"
    device = try await Settings.text("device", from: overrides + [file.provider])
    runCount = try await Settings.runCount(from: overrides + [file.provider])
    backend = try await Settings.text("backend", from: overrides + [file.provider])
  }

  /// Checks that every variable whose name begins with `ROPE_` is known and has a value.
  ///
  /// - Throws: ``ToleranceError``.
  public static func checkVariables(of environment: [String: String]) throws(ToleranceError) {
    _ = try EnvironmentSettings(environment)
  }

  /// The folder of the golden files, for what needs no tolerances; their file is read only where it exists.
  ///
  /// - Throws: ``ToleranceError``.
  public static func fixtures(
    environment: [String: String], flag: String?, root: String = "."
  ) async throws(ToleranceError) -> String {
    let variables = try EnvironmentSettings(environment)
    if let flag { return flag }
    var providers: [any ConfigProvider] = [variables.provider]
    let path = try await Settings.text("tolerances.file", from: providers) ?? "\(root)/tolerances.yaml"
    if FileManager.default.fileExists(atPath: path) { providers.append(try await SettingsFile(path: path).provider) }
    return try await Settings.text("fixtures", from: providers) ?? "\(root)/Fixtures"
  }

  private static func runCount(from providers: [any ConfigProvider]) async throws(ToleranceError) -> Int {
    let count: Int?
    do {
      count = try await ConfigReader(providers: providers).fetchInt(forKey: "runs")
    } catch {
      throw .runs(reason: "\(error)")
    }
    guard let count else { return defaultRunCount }
    guard runCounts.contains(count) else { throw .runs(reason: "it is \(count)") }
    return count
  }

  /// The value of a key in the first provider that has it.
  private static func text(
    _ key: String, from providers: [any ConfigProvider]
  ) async throws(ToleranceError) -> String? {
    do {
      return try await ConfigReader(providers: providers).fetchString(forKey: ConfigKey(key))
    } catch {
      throw .unreadableValue(key: key, reason: "\(error)")
    }
  }
}
