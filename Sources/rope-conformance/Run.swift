import ArgumentParser
import Conformance

struct Run: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Runs a backend on the goldens and prints the verdicts.",
    discussion: "Exit status: 0 if no case fails and at least one conforms, 1 if not, 2 for bad usage or input.")

  @OptionGroup var folder: FixturesOption
  @OptionGroup var tolerances: ToleranceOptions

  @OptionGroup var backend: BackendOptions
  @OptionGroup var limits: LimitOptions

  @Option(help: "How often to run each case, to find races and state (default: ROPE_RUNS, or 3).")
  var runs: Int?

  @OptionGroup var judging: JudgingOptions

  func run() throws {
    let settings = try Settings(folder, tolerances, device: backend.device, runs: runs, backend: backend.backend)
    let library = try judging.tier.library(settings)
    let selection = try judging.selection(from: library)
    try judging.run(
      backend.candidate(settings, limits, library: library, cases: selection.entries), on: selection, of: library,
      settings.tolerances)
  }
}
