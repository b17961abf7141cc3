import ArgumentParser
import Conformance

struct Run: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Runs a backend on the goldens and prints the verdicts.",
    discussion: "Exit status: 0 if no case fails and at least one conforms, otherwise 1; 2 for bad usage or input.",
    examples: [
      "run --case 'glm-4.5/bf16/**' --verbose", "run --backend plugin:path/to/libmine.so",
      "run --json run.json --junit run.xml --html run.html",
    ])

  @OptionGroup var folder: FixturesOption
  @OptionGroup var tolerances: ToleranceOptions

  @OptionGroup var backend: BackendOptions
  @OptionGroup var limits: LimitOptions

  @Option(
    help: ArgumentHelp(
      "How often to run each case, to find races and state (default: ROPE_RUNS, or 3).", valueName: "count"))
  var runs: Int?

  @OptionGroup var judging: JudgingOptions

  func run() throws {
    if limits.inProcess { try WaitingParent.waitForChild() }
    let settings = try Settings(folder, tolerances, device: backend.device, runs: runs, backend: backend.backend)
    let library = try judging.tier.library(settings)
    let failures = try backend.failures(settings), selection = try judging.selection(from: library, failures)
    try judging.run(
      backend.candidate(settings, limits, library: library, cases: selection.entries), of: backend.files(settings),
      on: selection, of: library, settings, failures)
  }
}
