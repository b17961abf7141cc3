import ArgumentParser
import Conformance
import Goldens
import Reports

struct Run: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Runs a backend on the goldens and prints the verdicts.",
    discussion: "Exit status: 0 if no case fails and at least one conforms, 1 if not, 2 for bad usage or input.")

  @OptionGroup var folder: FixturesOption
  @OptionGroup var cases: CaseOptions
  @OptionGroup var tolerances: ToleranceOptions

  @OptionGroup var backend: BackendOptions

  @Option(help: "The device of the HIP kernel (default: ROPE_DEVICE, or host).")
  var device: String?

  @Flag(name: .shortAndLong, help: "Print every verdict, not only those that do not conform.")
  var verbose = false

  @Option(help: "Write JSON Lines to this file while the run goes on, for programs; - is standard output.")
  var json: String?

  @OptionGroup var reports: ReportOptions

  func run() async throws {
    let settings = try await Settings(folder, tolerances, device: device, backend: backend.backend)
    let fixtures = try Fixtures(path: settings.fixtures)
    let names = fixtures.manifest.cases.map(\.name)
    try settings.tolerances.check(against: names)
    let selected = try cases.select(from: names)
    let judge = try backend.judge(settings)
    let header = RunHeader(
      backend: .init(name: judge.name, device: judge.deviceName, summary: judge.summary),
      tolerances: settings.tolerances.rules.map(ToleranceReport.init), caseCount: selected.count)
    let files = try reports.files(beside: [("--json", json == "-" ? nil : json)])
    let writer = try json.map { path in try JSONReportWriter(path: path, header) }

    let terminal = Terminal(isOutputTaken: json == "-")
    terminal.print(judge.summary)
    var report = RunReport(header)
    try ProgressBar.over(selected) { name, bar in
      let start = ContinuousClock.now
      let golden = try fixtures.golden(named: name)
      let verdict = try judge.verdict(on: golden, rule: settings.tolerances.rule(for: name))
      let result = CaseReport(verdict, of: golden.goldenCase, seconds: (ContinuousClock.now - start) / .seconds(1))
      try writer?.add(result)
      report.add(result)
      guard verbose || result.outcome != .conforms else { return }
      bar.clear()
      terminal.print(result.text(terminal.style))
    }
    try writer?.end(report.summary)
    try files.write(report)
    terminal.print(report.summary.text(terminal.style))
    if !report.summary.conforms { throw DoesNotConform() }
  }
}
