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

  @Option(help: "auto, host, amd, nvidia, or amd:1 and so on; 'devices' lists them (default: ROPE_DEVICE, or auto).")
  var device: String?

  @Option(help: "How often to run each case, to find races (default: ROPE_RUNS, or 3).")
  var runs: Int?

  @Flag(name: .shortAndLong, help: "Print every verdict, not only those that do not conform.")
  var verbose = false

  @Option(help: "Write JSON Lines to this file while the run goes on, for programs; - is standard output.")
  var json: String?

  @OptionGroup var reports: ReportOptions
  @OptionGroup var shards: ShardOption

  func run() async throws {
    let settings = try await Settings(folder, tolerances, device: device, runs: runs, backend: backend.backend)
    let fixtures = try Fixtures(path: settings.fixtures)
    let names = fixtures.manifest.cases.map(\.name)
    try settings.tolerances.check(against: names)
    let all = Set(try cases.select(from: names)), shard = try shards.chosen()
    let selected = shard.cases(of: fixtures.manifest.cases.filter { all.contains($0.name) }).map(\.name)
    let judge = try backend.judge(settings)
    let header = RunHeader(
      backend: .init(name: judge.name, device: judge.deviceName, summary: judge.summary),
      tolerances: settings.tolerances.rules.map(ToleranceReport.init), goldens: fixtures.checksum,
      shard: shard, totalCaseCount: all.count, caseCount: selected.count)
    let files = try reports.files(beside: [("--json", json == "-" ? nil : json)])
    let writer = try json.map { path in try JSONReportWriter(path: path, header) }

    let terminal = Terminal(isOutputTaken: json == "-")
    terminal.print(judge.summary)
    var report = RunReport(header)
    let bar = ProgressBar()
    defer { bar.clear() }
    try OrderedWork.forEach(selected) { name in
      let start = ContinuousClock.now
      let golden = try fixtures.golden(named: name)
      let verdict = try judge.verdict(on: golden, rule: settings.tolerances.rule(for: name))
      return CaseReport(verdict, of: golden.goldenCase, seconds: (ContinuousClock.now - start) / .seconds(1))
    } take: { result in
      try writer?.add(result)
      report.add(result)
      bar.show(done: report.cases.count, total: selected.count)
      guard verbose || result.outcome != .conforms else { return }
      bar.clear()
      terminal.print(result.text(terminal.style))
    }
    bar.clear()
    try writer?.end(report.summary)
    try files.write(report)
    terminal.print(report.summary.text(terminal.style))
    if !report.summary.conforms { throw DoesNotConform() }
  }
}
