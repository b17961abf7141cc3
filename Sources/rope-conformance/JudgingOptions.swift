import ArgumentParser
import Backends
import Conformance
import Foundation
import Goldens
import Judging
import Reports

/// The options that the judging commands share: the cases, and the reports.
struct JudgingOptions: ParsableArguments {
  @OptionGroup var cases: CaseOptions
  @OptionGroup var last: LastFailedOption
  @OptionGroup var tier: TierOption

  @Flag(name: .customLong("no-diagnosis"), help: "Do not compare failing cases with known mistakes.")
  var skipsDiagnosis = false

  @Flag(name: .shortAndLong, help: "Print every verdict, also of cases that conform or are unsupported.")
  var verbose = false

  @Option(
    help: ArgumentHelp(
      "Write JSON Lines to this file during the run, for programs; - is standard output.", valueName: "file"),
    completion: .file())
  var json: String?

  @OptionGroup var reports: ReportOptions
  @OptionGroup var shards: ShardOption

  /// The cases of this part of the run.
  ///
  /// `failures` is the record of the backend. `names` are the cases that can be judged; nil for all of the library.
  func selection(
    from library: CaseLibrary, _ failures: FailureRecord, among names: Set<String>? = nil
  ) throws -> CaseSelection {
    try CaseSelection(
      cases.filter(failures: last.lastFailed ? failures : nil), from: library, shard: shards.chosen(), among: names)
  }

  /// Judges the cases, prints and writes the reports, and records the cases that fail.
  ///
  /// - Throws: `DoesNotConform` at the end of a run that does not conform.
  func run(
    _ candidate: some Candidate, on selection: CaseSelection, of library: CaseLibrary, _ tolerances: Tolerances,
    _ failures: FailureRecord
  ) throws {
    let run = ConformanceRun(
      candidate, on: selection, of: library, tolerances, origin: .here(), diagnoses: !skipsDiagnosis)
    let files = try reports.files(beside: [("--json", json == "-" ? nil : json)])
    let writer = try json.map { path in try JSONReportWriter(path: path, run.header) }

    UnfinishedRun.begin()
    defer { UnfinishedRun.end() }
    let terminal = Terminal(isOutputTaken: json == "-")
    terminal.print(candidate.summary)
    let bar = ProgressBar()
    defer { bar.clear() }
    var done = 0
    let report = try run.run { result in
      try writer?.add(result)
      done += 1
      bar.show(done: done, total: selection.entries.count)
      guard verbose else { return }
      bar.clear()
      terminal.print(result.text(terminal.style))
    }
    bar.clear()
    try writer?.end(report.summary)
    try files.write(report)
    guard !selection.isEmptyPart else {
      terminal.print("shard \(selection.shard) has no cases")
      return
    }
    record(report, in: failures)
    if !verbose { CaseReport.unsupported(report.cases, terminal.style).forEach(terminal.print) }
    terminal.print(report.conclusion(terminal.style, isWhole: verbose))
    if !report.conforms { throw DoesNotConform() }
  }

  /// Enters the cases in the record for `--last-failed`; a verdict does not depend on that, so an error is only told.
  private func record(_ report: RunReport, in failures: FailureRecord) {
    do {
      try failures.enter(report)
    } catch {
      FileHandle.standardError.write(Data("note: --last-failed will not know this run: \(error)\n".utf8))
    }
  }
}
