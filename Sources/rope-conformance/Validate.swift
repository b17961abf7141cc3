import ArgumentParser
import Backends
import Conformance

struct Validate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Judges outputs that were made anywhere of the inputs that 'export' wrote.",
    discussion: """
      A case of which no output is recorded fails. Exit status: 0 if no case fails and at least one conforms, 1 if not, \
      2 for bad usage or input.
      """)

  @Argument(help: "Files of recorded outputs, of one backend.")
  var files: [String]

  @Flag(help: "Judge only the cases of which something is recorded.")
  var onlyRecorded = false

  @OptionGroup var folder: FixturesOption
  @OptionGroup var tolerances: ToleranceOptions
  @OptionGroup var limits: LimitOptions
  @OptionGroup var judging: JudgingOptions

  func run() throws {
    let settings = try Settings(folder, tolerances)
    let library = try judging.tier.library(settings)
    let candidate = try RecordedCandidate(
      paths: files, library: library, limits: limits.isolated, onlyRecorded: onlyRecorded)
    let selection = try judging.selection(from: library, among: onlyRecorded ? candidate.recordedNames : nil)
    try judging.run(candidate, on: selection, of: library, settings.tolerances)
  }
}
