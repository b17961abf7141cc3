import ArgumentParser
import Conformance
import Goldens

struct Run: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Runs a backend on the goldens and prints the verdicts.",
    discussion: "Exit status: 0 if no case fails and at least one conforms, 1 if not, 2 for bad usage or input.")

  @OptionGroup var folder: FixturesOption
  @OptionGroup var tolerances: ToleranceOptions

  @OptionGroup var backend: BackendOptions
  @OptionGroup var limits: LimitOptions

  @Option(help: "auto, host, amd, nvidia, or amd:1 and so on; 'devices' lists them (default: ROPE_DEVICE, or auto).")
  var device: String?

  @Option(help: "How often to run each case, to find races (default: ROPE_RUNS, or 3).")
  var runs: Int?

  @OptionGroup var judging: JudgingOptions

  func run() async throws {
    let settings = try await Settings(folder, tolerances, device: device, runs: runs, backend: backend.backend)
    guard device == nil || (settings.backend ?? "hip") == "hip" else {
      throw ValidationError("--device \(device ?? ""): only the backend hip has a device to choose")
    }
    let fixtures = try Fixtures(path: settings.fixtures)
    try settings.tolerances.check(against: fixtures.manifest.cases.map(\.name))
    let selection = try judging.selection(from: fixtures)
    let judge = try backend.judge(settings, limits, fixtures: fixtures, cases: selection.entries)
    try judging.run(judge, on: selection, of: fixtures, settings)
  }
}
