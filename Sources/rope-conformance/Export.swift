import ArgumentParser
import Goldens
import RoPE

struct Export: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Writes the inputs of the goldens, without the expected outputs, for programs on any machine.",
    discussion: "Writes an HDF5 file for each model. 'validate' judges the outputs that were computed from them.",
    examples: ["export my-inputs", "export my-inputs --model glm-4.5 --case '*/f32/**'"])

  @Argument(help: ArgumentHelp("Folder to write to.", valueName: "folder"), completion: .directory)
  var target: String

  @Option(
    name: .customLong("model"),
    help: ArgumentHelp("Only the cases of this golden file, such as glm-4.5. May be repeated.", valueName: "model"))
  var models: [String] = []

  @OptionGroup var folder: FixturesOption
  @OptionGroup var tier: TierOption
  @OptionGroup var cases: CaseOptions

  func run() throws {
    let library = try tier.library(folder.path)
    let names = try cases.select(from: try caseNames(of: library))
    let bar = ProgressBar()
    let written = try {
      defer { bar.clear() }
      return try library.exportInputs(of: names, into: target) { bar.show(done: $0, total: names.count) }
    }()
    for file in written { try print("\(file.path): \(file.caseCount) cases") }
  }

  /// The cases of the files that are asked for.
  private func caseNames(of library: CaseLibrary) throws -> [String] {
    let files = library.files.map { (model: String($0.name.dropLast(".h5".count)), caseNames: $0.caseNames) }
    for name in models where !files.contains(where: { $0.model == name }) {
      let known = files.map(\.model).suggestion(for: name, list: "'list --models'")
      throw ValidationError("--model '\(name)' has no golden\(known)")
    }
    return files.filter { models.isEmpty || models.contains($0.model) }.flatMap(\.caseNames)
  }
}
