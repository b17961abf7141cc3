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
  ) throws(ToleranceError) {
    try Settings.checkVariables(of: environment)
    let path = flags.tolerancesFile ?? environment["ROPE_TOLERANCES_FILE"] ?? "\(root)/tolerances.yaml"
    let file = try SettingsFile(path: path)
    tolerances = try Tolerances(file: file, environment: environment, flags: flags.tolerances)
    fixtures = flags.fixtures ?? environment["ROPE_FIXTURES"] ?? file["fixtures"] ?? "\(root)/Fixtures"
    device = flags.device ?? environment["ROPE_DEVICE"] ?? file["device"]
    let runs = flags.runs.map(String.init) ?? environment["ROPE_RUNS"] ?? file["runs"]
    runCount = try runs.map(Settings.runCount) ?? Settings.defaultRunCount
    backend = flags.backend ?? environment["ROPE_BACKEND"] ?? file["backend"]
  }

  /// Checks that every variable whose name begins with `ROPE_` is known and has a value.
  ///
  /// - Throws: ``ToleranceError/unknownVariable(_:)`` or ``ToleranceError/emptyVariable(_:)``.
  public static func checkVariables(of environment: [String: String]) throws(ToleranceError) {
    for (name, value) in environment.sorted(by: <) where name.hasPrefix("ROPE_") {
      guard variables.contains(name) else { throw .unknownVariable(name) }
      guard !value.trimmed.isEmpty else { throw .emptyVariable(name) }
    }
  }

  /// The folder of the golden files, for what needs no tolerances; their file is read only where it exists.
  ///
  /// - Throws: ``ToleranceError``.
  public static func fixtures(
    environment: [String: String], flag: String?, root: String = "."
  ) throws(ToleranceError) -> String {
    try checkVariables(of: environment)
    if let given = flag ?? environment["ROPE_FIXTURES"] { return given }
    let path = environment["ROPE_TOLERANCES_FILE"] ?? "\(root)/tolerances.yaml"
    let file = FileManager.default.fileExists(atPath: path) ? try SettingsFile(path: path) : nil
    return file?["fixtures"] ?? "\(root)/Fixtures"
  }

  private static func runCount(_ text: String) throws(ToleranceError) -> Int {
    guard let count = Int(text), runCounts.contains(count) else { throw .runs(reason: "it is \(text)") }
    return count
  }
}
