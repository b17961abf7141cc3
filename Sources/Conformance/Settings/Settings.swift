import Foundation
import Judging

/// Settings of a run from outside: file, then environment, then flags, each overriding those before it.
package struct Settings: Sendable, Equatable {
  /// The environment variables that are read.
  ///
  /// Any other whose name begins with `ROPE_` is an error.
  package static let variables = [
    "ROPE_TOLERANCES", "ROPE_TOLERANCES_FILE", "ROPE_PROFILE", "ROPE_FIXTURES", "ROPE_DEVICE", "ROPE_REQUIRE_DEVICE",
    "ROPE_RUNS", "ROPE_BACKEND",
  ]
  /// Runs of each case by default: the second shows a race, the third distinguishes it from state.
  package static let defaultRunCount = 3
  /// The possible numbers of runs of a case.
  package static let runCounts = 1...1000

  /// The values of command-line flags; nil or empty if not given.
  package struct Flags: Sendable, Equatable {
    /// Rules `cases = budget because reason`, one for each `--tolerance`.
    package var tolerances: [String]
    /// The origin of these rules in reports and errors.
    package var tolerancesOrigin = "--tolerance"
    /// The tolerances file.
    package var tolerancesFile: String?
    /// The name of the profile.
    package var profile: String?
    /// The folder of the golden files.
    package var fixtures: String?
    /// The device to run on.
    package var device: String?
    /// Runs of each case.
    package var runs: Int?
    /// The backend to judge.
    package var backend: String?

    /// Flags as given.
    package init(
      tolerances: [String] = [], tolerancesFile: String? = nil, profile: String? = nil, fixtures: String? = nil,
      device: String? = nil, runs: Int? = nil, backend: String? = nil
    ) {
      self.tolerances = tolerances
      self.tolerancesFile = tolerancesFile
      self.profile = profile
      self.fixtures = fixtures
      self.device = device
      self.runs = runs
      self.backend = backend
    }
  }

  /// The tolerances file.
  package let tolerancesFile: String
  /// The folder of the golden files.
  package let fixtures: String
  /// The device that was requested; nil to leave the choice to the backend.
  package let device: String?
  /// Runs of each case, to find races and state.
  package let runCount: Int
  /// The backend that was requested; nil for the kernel of this package.
  package let backend: String?
  /// The budgets of all cases.
  package let tolerances: Tolerances

  /// The settings of a run.
  ///
  /// Relative paths start from the working directory.
  ///
  /// - Parameters:
  ///   - environment: the variables of the process.
  ///   - flags: the values of the command line.
  ///   - defaults: the places of `tolerances.yaml` and `Fixtures` unless settings name others.
  /// - Throws: ``SettingsError`` or `ToleranceError`.
  package init(environment: [String: String], flags: Flags = Flags(), defaults: DefaultFiles = .ofProgram) throws {
    try Settings.checkVariables(of: environment)
    tolerancesFile = flags.tolerancesFile ?? environment["ROPE_TOLERANCES_FILE"] ?? defaults.tolerances
    let file = try SettingsFile(path: tolerancesFile)
    tolerances = try Tolerances(
      file: file, environment: environment, flags: flags.tolerances, flags.tolerancesOrigin, profile: flags.profile)
    fixtures = flags.fixtures ?? environment["ROPE_FIXTURES"] ?? file["fixtures"] ?? defaults.fixtures
    device = flags.device ?? environment["ROPE_DEVICE"] ?? file["device"]
    let runs = flags.runs.map(String.init) ?? environment["ROPE_RUNS"] ?? file["runs"]
    runCount = try runs.map(Settings.runCount) ?? Settings.defaultRunCount
    backend = flags.backend ?? environment["ROPE_BACKEND"] ?? file["backend"]
  }

  /// Checks that every variable whose name begins with `ROPE_` is known and has a value.
  ///
  /// - Throws: ``SettingsError/unknownVariable(_:)`` or ``SettingsError/emptyVariable(_:)``.
  package static func checkVariables(of environment: [String: String]) throws(SettingsError) {
    for (name, value) in environment.sorted(by: <) where name.hasPrefix("ROPE_") {
      guard variables.contains(name) else { throw .unknownVariable(name) }
      guard !value.trimmed.isEmpty else { throw .emptyVariable(name) }
    }
  }

  /// The folder of the golden files, for uses without tolerances; the tolerances file is read only if it exists.
  ///
  /// - Throws: ``SettingsError``.
  package static func fixtures(
    environment: [String: String], flag: String?, defaults: DefaultFiles = .ofProgram
  ) throws(SettingsError) -> String {
    try checkVariables(of: environment)
    if let given = flag ?? environment["ROPE_FIXTURES"] { return given }
    let path = environment["ROPE_TOLERANCES_FILE"] ?? defaults.tolerances
    let file = FileManager.default.fileExists(atPath: path) ? try SettingsFile(path: path) : nil
    return file?["fixtures"] ?? defaults.fixtures
  }

  private static func runCount(_ text: String) throws(SettingsError) -> Int {
    guard let count = Int(text), runCounts.contains(count) else { throw .runs(reason: "it is \(text)") }
    return count
  }
}

extension Tolerances {
  /// Combines the rules of a file, of a profile, of `ROPE_TOLERANCES` and of flags, each overriding those before it.
  ///
  /// - Parameters:
  ///   - path: a YAML file with a list of rules `cases = budget because reason` under the key `rules`.
  ///   - environment: the variables of the process; `ROPE_TOLERANCES` holds rules separated by `;`, and `ROPE_PROFILE`
  ///     the name of a profile, which overrides the file's.
  ///   - flags: the values of `--tolerance`, one rule each.
  ///   - profile: the value of `--profile`, which overrides the file's and the environment's.
  /// - Throws: ``SettingsError`` or `ToleranceError`.
  package init(
    file path: String, environment: [String: String] = [:], flags: [String] = [], profile: String? = nil
  ) throws {
    try Settings.checkVariables(of: environment)
    try self.init(file: SettingsFile(path: path), environment: environment, flags: flags, profile: profile)
  }

  fileprivate init(
    file: SettingsFile, environment: [String: String], flags: [String],
    _ flagsOrigin: String = Settings.Flags().tolerancesOrigin, profile: String?
  ) throws(ToleranceError) {
    let name = profile ?? environment["ROPE_PROFILE"] ?? file["profile"] ?? Profile.strict.name
    var rules: [ToleranceRule] = []
    if let text = environment["ROPE_TOLERANCES"] {
      rules += try Self.parse(text.split(separator: ";").map(String.init), origin: "ROPE_TOLERANCES")
    }
    for flag in flags { rules.append(try ToleranceRule(parsing: flag, origin: flagsOrigin)) }
    self.init(try Self.parse(file.rules, origin: file.name), profile: try Profile(named: name), ownRules: rules)
  }

  private static func parse(_ texts: [String], origin: String) throws(ToleranceError) -> [ToleranceRule] {
    let texts = texts.filter { !$0.trimmed.isEmpty }
    guard !texts.isEmpty else { throw .noRules(origin: origin) }
    var rules: [ToleranceRule] = []
    for text in texts { rules.append(try ToleranceRule(parsing: text, origin: origin)) }
    return rules
  }
}
