import ArgumentParser
import Goldens
import RoPE

struct Export: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Writes the inputs of the goldens, without what is expected, for programs and machines of any kind.",
    discussion: "An HDF5 file for each model. 'validate' judges the outputs that were made of them.")

  @Argument(help: "The folder to write to.")
  var target: String

  @Option(name: .customLong("model"), help: "Only the cases of this golden file, such as glm-4.5. May be repeated.")
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
    for file in written { print("\(file.path): \(file.caseCount) cases") }
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
