import ArgumentParser
import Backends
import Conformance
import Goldens
import HIP
import Reports

struct Run: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Runs the HIP kernel on the goldens and prints the verdicts.",
    discussion: "Exit status: 0 if no case fails and at least one conforms, 1 if not, 2 for bad usage or input.")

  @OptionGroup var folder: FixturesOption
  @OptionGroup var cases: CaseOptions
  @OptionGroup var tolerances: ToleranceOptions

  @Option(help: "auto, host, amd, nvidia, or amd:1 and so on; 'devices' lists them (default: ROPE_DEVICE, or auto).")
  var device: String?

  @Flag(name: .shortAndLong, help: "Print every verdict, not only those that do not conform.")
  var verbose = false

  func run() async throws {
    let settings = try await Settings(folder, tolerances, device: device)
    let fixtures = try Fixtures(path: settings.fixtures)
    let names = fixtures.manifest.cases.map(\.name)
    try settings.tolerances.check(against: names)
    let selected = try cases.select(from: names)
    let backend = HIPBackend(device: try Device(named: settings.device ?? "auto"))
    print(backend.summary)
    let run = ConformanceRun(backend: backend)
    var summary = RunSummary()
    for name in selected {
      let verdict = try run.verdict(on: fixtures.golden(named: name), rule: settings.tolerances.rule(for: name))
      if verbose || verdict.outcome != .conforms { print(verdict.text) }
      summary.add(verdict)
    }
    print(summary.text)
    print(summary.conforms ? "conforms" : "does not conform")
    if !summary.conforms { throw DoesNotConform() }
  }
}
