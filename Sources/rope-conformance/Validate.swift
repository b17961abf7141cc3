import ArgumentParser
import Backends
import Conformance

struct Validate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Judges recorded outputs, which any machine can compute from the inputs that 'export' wrote.",
    discussion: """
      A case without recorded outputs fails. Exit status: 0 if no case fails and at least one conforms, otherwise 1; \
      2 for bad usage or input.
      """,
    examples: ["validate my-outputs.h5", "validate my-outputs.h5 --only-recorded --json run.json"])

  @Argument(
    help: ArgumentHelp("Files of recorded outputs, of one backend.", valueName: "file"), completion: .file())
  var files: [String]

  @Flag(help: "Judge only the cases that have recorded outputs.")
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
    let failures = FailureRecord(of: "recorded outputs of \(candidate.name)")
    let selection = try judging.selection(
      from: library, failures, among: onlyRecorded ? candidate.recordedNames : nil)
    try judging.run(candidate, of: files, on: selection, of: library, settings, failures)
  }
}
