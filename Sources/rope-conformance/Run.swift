import ArgumentParser
import Conformance
import Goldens

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
    let fixtures = try Fixtures(path: settings.fixtures)
    try settings.tolerances.check(against: fixtures.manifest.cases.map(\.name))
    let selection = try judging.selection(from: fixtures)
    let judge = try backend.judge(settings, limits, fixtures: fixtures, cases: selection.entries)
    try judging.run(judge, on: selection, of: fixtures, settings)
  }
}
