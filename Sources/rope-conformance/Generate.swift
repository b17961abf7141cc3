import ArgumentParser
import Foundation
import Goldens
import Models

struct Generate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Writes the golden files, or checks that this version writes the same ones.",
    discussion: "Lists each case that changed, with how many of its expected values changed, and by how much.",
    examples: [
      "generate --check", "generate --config path/to/config.json --fixtures my-goldens",
      "generate --plan path/to/plan.json --fixtures my-goldens",
    ])

  @OptionGroup var folder: FixturesOption

  @Flag(help: "Change nothing; compare the folder byte for byte. Exit status 1 if something differs.")
  var check = false

  @Option(
    name: .customLong("only"),
    help: ArgumentHelp("Only the file of this model; others stay as they are. May be repeated.", valueName: "model"))
  var models: [String] = []

  @Option(
    help: ArgumentHelp(
      "Write goldens of the model of this Hugging Face config.json to the folder of --fixtures.", valueName: "file"),
    completion: .file(extensions: ["json"]))
  var config: String?

  @Option(
    help: ArgumentHelp(
      "Write goldens of this explicit plan, in JSON, to the folder of --fixtures.", valueName: "file"),
    completion: .file(extensions: ["json"]))
  var plan: String?

  @Option(
    help: "Name of that model or plan in case names (default: that of the folder of config.json, or of the file).")
  var name: String?

  @Option(
    help: "committed: the cases in the repository. full: also longer ones, with the model's own head counts.")
  var tier = FixtureGenerator.Tier.committed

  /// Returns true if a folder is that of the committed files, by whatever path.
  private static func isCommitted(_ folder: String) -> Bool {
    func real(_ path: String) -> String { URL(fileURLWithPath: path).resolvingSymlinksInPath().path }
    return real(folder) == real("Fixtures")
  }

  func validate() throws {
    for (index, name) in models.enumerated() where models[..<index].contains(name) {
      throw ValidationError("--only '\(name)' is given twice")
    }
    let sources = [config.map { _ in "--config" }, plan.map { _ in "--plan" }, models.isEmpty ? nil : "--only"]
    let given = sources.compactMap { $0 }
    guard given.count <= 1 else { throw ValidationError("\(given.joined(separator: " and ")): give one of them") }
    guard isOwn || name == nil else { throw ValidationError("--name goes with --config or --plan") }
    guard plan == nil || tier == .committed else {
      throw ValidationError("--tier full takes the head counts of a model, but a plan has none")
    }
  }

  /// True if the goldens are of something that is not bundled.
  private var isOwn: Bool { config != nil || plan != nil }

  /// The models whose files are written.
  private func chosenModels() throws -> [Model] {
    if let config {
      let read = try ModelConfig(contentsOf: config)
      try report(read.defaults)
      for note in read.notes { try print("note: \(note)") }
      return read.models(
        named: try caseName(ofFile: config), source: "a config.json given to rope-conformance generate")
    }
    if let plan {
      let model = try PlanJSON(contentsOf: plan).model(
        named: try caseName(ofFile: plan), source: "a plan given to rope-conformance generate")
      try report(model.defaults)
      return [model]
    }
    return models.isEmpty ? try Model.bundled : try models.map(Model.named)
  }

  private func report(_ defaults: [DefaultValue]) throws {
    for value in defaults { try print("\(value.key): \(value.value), the default of \(value.source)") }
  }

  /// The name of a file's model or plan in case names.
  private func caseName(ofFile path: String) throws -> String {
    let name = name ?? ConventionOptions.name(ofFile: path)
    guard name.wholeMatch(of: /[A-Za-z0-9][A-Za-z0-9._-]*/) != nil else {
      throw ValidationError("'\(name)' cannot be part of case names: give --name with letters, digits, '.', '_', '-'")
    }
    return name
  }

  func run() throws {
    let fixtures = try folder.path
    guard tier == .committed && !isOwn || !Self.isCommitted(fixtures) else {
      throw ValidationError(
        "\(config != nil ? "--config" : plan != nil ? "--plan" : "--tier full") needs --fixtures with a folder of your "
          + "own: its files do not belong among the committed ones")
    }
    let bar = ProgressBar()
    let generator = FixtureGenerator(
      try chosenModels(), tier: tier, keepsOthers: !models.isEmpty || isOwn,
      progress: { bar.show(done: $0, total: $1) })
    let changes: [FixtureGenerator.FileChange]
    do {
      defer { bar.clear() }
      changes = try check ? generator.check(fixtures) : generator.generate(into: fixtures)
    }
    for change in changes { try print(change.text(isCheck: check)) }
    if check && changes.contains(where: { $0.kind != .unchanged }) { throw DoesNotConform() }
  }
}

extension FixtureGenerator.Tier: ExpressibleByArgument {}
