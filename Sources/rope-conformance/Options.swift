import ArgumentParser
import Conformance
import Files
import Foundation
import Goldens
import Judging
import Models

/// The folder of the goldens.
struct FixturesOption: ParsableArguments {
  @Option(
    help: ArgumentHelp("Folder of the golden files (default: ROPE_FIXTURES, or Fixtures).", valueName: "folder"),
    completion: .directory)
  var fixtures: String?

  /// The folder, from the flag, the environment, or the tolerances file.
  var path: String {
    get throws {
      try Settings.fixtures(environment: ProcessInfo.processInfo.environment, flag: fixtures)
    }
  }
}

/// The cases that are available.
struct TierOption: ParsableArguments {
  @Option(
    help: """
      default: the cases of the golden files, and computed ones of up to 65,600 tokens. full: also computed ones of \
      16,384 tokens with many heads, of a million tokens (3.0 GiB of memory), and of more than 2^31 elements (9.0 GiB).
      """)
  var tier = CaseLibrary.Tier.standard

  /// The cases of a folder of goldens, and those that are computed.
  func library(_ fixtures: String) throws -> CaseLibrary { try CaseLibrary(Fixtures(path: fixtures), tier: tier) }

  /// The same, after checking that every rule of the tolerances matches one of them.
  func library(_ settings: Settings) throws -> CaseLibrary {
    let library = try library(settings.fixtures)
    try settings.tolerances.check(against: library.entries.map(\.name))
    return library
  }
}

extension CaseLibrary.Tier: ExpressibleByArgument {}

/// The cases that are selected.
struct CaseOptions: ParsableArguments {
  @Option(
    name: .customLong("case"),
    help: ArgumentHelp(
      """
      Only cases whose name, or its first components, match: * matches any text without /, ** any text, {a,b} either \
      text. May be repeated.
      """,
      valueName: "pattern"))
  var cases: [String] = []

  @Option(
    name: .customLong("exclude"),
    help: ArgumentHelp("No cases that match this pattern. May be repeated.", valueName: "pattern"))
  var excluded: [String] = []

  /// The choice of these options, among the cases of a record unless that is nil.
  func filter(failures: FailureRecord? = nil) -> NameFilter {
    NameFilter(cases, excluding: excluded, failures: failures)
  }

  /// The selected names, in order.
  func select(from names: [String]) throws -> [String] { try filter().select(from: names) }
}

/// The choice of the cases that failed.
struct LastFailedOption: ParsableArguments {
  @Flag(help: "Only cases that failed when the same backend last ran them on this machine.")
  var lastFailed = false
}

/// The budgets.
struct ToleranceOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      Tolerance rules for a kind of kernel, over those of the file: \(Profile.all.map(\.name).joined(separator: ", ")) \
      (default: ROPE_PROFILE, or strict). 'budgets' shows them.
      """,
      valueName: "name"),
    completion: .list(Profile.all.map(\.name)))
  var profile: String?

  @Option(
    name: .customLong("tolerance"),
    help: ArgumentHelp(
      "A rule 'cases = budget because reason' that overrides earlier ones. May be repeated.", valueName: "rule"))
  var rules: [String] = []

  @Option(
    help: ArgumentHelp("Tolerances file (default: ROPE_TOLERANCES_FILE, or tolerances.yaml).", valueName: "file"),
    completion: .file())
  var tolerances: String?
}

extension Settings {
  /// The settings of this process.
  init(
    _ fixtures: FixturesOption, _ tolerances: ToleranceOptions? = nil, device: String? = nil, runs: Int? = nil,
    backend: String? = nil
  ) throws {
    try self.init(
      environment: ProcessInfo.processInfo.environment,
      flags: Flags(
        tolerances: tolerances?.rules ?? [], tolerancesFile: tolerances?.tolerances, profile: tolerances?.profile,
        fixtures: fixtures.fixtures, device: device, runs: runs, backend: backend))
  }
}

/// The part of the cases that runs.
struct ShardOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Run part i of n of the cases (default: TEST_SHARD_INDEX and TEST_TOTAL_SHARDS, or all).",
      valueName: "i/n"))
  var shard: String?

  /// The part, from the flag or the environment.
  ///
  /// The file `TEST_SHARD_STATUS_FILE` is made to tell the test runner that sharding is supported.
  func chosen() throws -> Shard {
    if let shard { return try Shard(parsing: shard) }
    let environment = ProcessInfo.processInfo.environment
    guard let shard = try Shard(environment: environment) else { return .whole }
    if let path = environment["TEST_SHARD_STATUS_FILE"] { _ = try LineFile(path: path) }
    return shard
  }
}

/// The convention.
struct ConventionOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("A Hugging Face config.json.", valueName: "file"), completion: .file(extensions: ["json"]))
  var config: String?

  @Option(help: "A bundled model; 'list --models' shows them.")
  var model: String?

  @Option(
    help: ArgumentHelp("An explicit plan, in JSON.", valueName: "file"), completion: .file(extensions: ["json"]))
  var plan: String?

  /// The number of these options that are given; only one may be.
  var count: Int { [config, model, plan].count(where: { $0 != nil }) }

  /// The requested models, one for each kind of layer; empty if nothing is given.
  ///
  /// - Throws: `ModelConfigError`.
  func models() throws -> [Model] {
    if let config {
      return try ModelConfig(contentsOf: config).models(named: Self.name(ofFile: config), source: config)
    }
    if let plan {
      return [try PlanJSON(contentsOf: plan).model(named: Self.name(ofFile: plan), source: plan)]
    }
    return try model.map { [try Model.named($0)] } ?? []
  }

  /// The name of the convention in a file: that of the folder of a config.json, or of the file.
  static func name(ofFile path: String) -> String {
    let url = URL(fileURLWithPath: path).standardizedFileURL
    let isConfig = url.lastPathComponent == "config.json"
    return (isConfig ? url.deletingLastPathComponent() : url.deletingPathExtension()).lastPathComponent
  }
}
