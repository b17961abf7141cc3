import ArgumentParser
import Conformance
import Goldens
import Reports

/// What the commands that judge have in common: which cases, and where the verdicts go.
struct JudgingOptions: ParsableArguments {
  @OptionGroup var cases: CaseOptions

  @Flag(name: .shortAndLong, help: "Print every verdict, not only those that do not conform.")
  var verbose = false

  @Option(help: "Write JSON Lines to this file while the run goes on, for programs; - is standard output.")
  var json: String?

  @OptionGroup var reports: ReportOptions
  @OptionGroup var shards: ShardOption

  /// The cases of this part of the run.
  struct Selection {
    let shard: Shard
    /// How many all parts have together.
    let totalCount: Int
    let entries: [Manifest.Entry]

    /// Whether other parts have all cases, as where there are more parts than cases.
    var isEmptyPart: Bool { entries.isEmpty && totalCount > 0 }
  }

  /// - Parameter names: those that can be judged; nil for all goldens.
  func selection(from fixtures: Fixtures, names: Set<String>? = nil) throws -> Selection {
    let known = fixtures.manifest.cases.map(\.name).filter { names?.contains($0) ?? true }
    let all = Set(try cases.select(from: known)), shard = try shards.chosen()
    let entries = shard.cases(of: fixtures.manifest.cases.filter { all.contains($0.name) })
    return Selection(shard: shard, totalCount: all.count, entries: entries)
  }

  /// Judges the cases, prints and writes the reports.
  ///
  /// - Throws: `DoesNotConform` at the end of a run that does not.
  func run(
    _ judge: any CaseJudge & Sendable, on selection: Selection, of fixtures: Fixtures, _ settings: Settings
  ) throws {
    let header = RunHeader(
      backend: .init(name: judge.name, device: judge.deviceName, summary: judge.summary),
      tolerances: settings.tolerances.rules.map(ToleranceReport.init), goldens: fixtures.checksum,
      shard: selection.shard, totalCaseCount: selection.totalCount, caseCount: selection.entries.count,
      notChecked: judge.notChecked)
    let files = try reports.files(beside: [("--json", json == "-" ? nil : json)])
    let writer = try json.map { path in try JSONReportWriter(path: path, header) }

    UnfinishedRun.begin()
    defer { UnfinishedRun.end() }
    let terminal = Terminal(isOutputTaken: json == "-")
    terminal.print(judge.summary)
    var report = RunReport(header)
    let bar = ProgressBar()
    defer { bar.clear() }
    try OrderedWork.forEach(selection.entries.map(\.name)) { name in
      let start = ContinuousClock.now
      let golden = try fixtures.golden(named: name)
      let verdict = try judge.verdict(on: golden, rule: settings.tolerances.rule(for: name))
      return CaseReport(verdict, of: golden.goldenCase, seconds: (ContinuousClock.now - start) / .seconds(1))
    } take: { result in
      try writer?.add(result)
      report.add(result)
      bar.show(done: report.cases.count, total: selection.entries.count)
      guard verbose || result.outcome != .conforms else { return }
      bar.clear()
      terminal.print(result.text(terminal.style))
    }
    bar.clear()
    report.note(problems: judge.problems)
    try writer?.end(report.summary)
    try files.write(report)
    guard !selection.isEmptyPart else {
      terminal.print("no case falls to part \(selection.shard)")
      return
    }
    terminal.print(report.conclusion(terminal.style))
    if !report.summary.conforms { throw DoesNotConform() }
  }
}
