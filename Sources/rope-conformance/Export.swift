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
  @OptionGroup var cases: CaseOptions

  func run() throws {
    let fixtures = try Fixtures(path: folder.path)
    let names = try cases.select(from: try files(of: fixtures.manifest).flatMap { $0.cases.map(\.name) })
    let bar = ProgressBar()
    let written = try {
      defer { bar.clear() }
      return try fixtures.exportInputs(of: names, into: target) { bar.show(done: $0, total: names.count) }
    }()
    for file in written { print("\(file.path): \(file.caseCount) cases") }
  }

  private func files(of manifest: Manifest) throws -> [Manifest.File] {
    func model(_ file: Manifest.File) -> String { String(file.name.dropLast(".h5".count)) }
    for name in models where !manifest.files.contains(where: { model($0) == name }) {
      let known = manifest.files.map(model).suggestion(for: name, list: "'list --models'")
      throw ValidationError("--model '\(name)' has no golden\(known)")
    }
    return manifest.files.filter { models.isEmpty || models.contains(model($0)) }
  }
}
