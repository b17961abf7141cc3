import ArgumentParser
import Backends
import Conformance
import Files
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
  /// `files` are those of the candidate.
  ///
  /// - Throws: `DoesNotConform` at the end of a run that does not conform.
  func run(
    _ candidate: some Candidate, of files: [String], on selection: CaseSelection, of library: CaseLibrary,
    _ settings: Settings, _ failures: FailureRecord
  ) throws {
    let run = ConformanceRun(
      candidate, on: selection, of: library, settings.tolerances, origin: .here(), diagnoses: !skipsDiagnosis)
    var uses = FileUses(settings)
    for file in files { uses.read(file, as: "what is judged") }
    let files = try reports.files(beside: uses, json: json)
    let writer = try json.map { path in try JSONReportWriter(path: path, run.header) }

    UnfinishedRun.begin()
    defer { UnfinishedRun.end() }
    let terminal = Terminal(isOutputTaken: json == "-")
    try terminal.print(candidate.summary.visible)
    let bar = ProgressBar()
    defer { bar.clear() }
    var done = 0
    let report = try run.run { result in
      try writer?.add(result)
      done += 1
      bar.show(done: done, total: selection.entries.count)
      guard verbose else { return }
      bar.clear()
      try terminal.print(result.text(terminal.style))
    }
    bar.clear()
    try writer?.end(report.summary)
    try files.write(report)
    guard !report.isEmptyShard else {
      try terminal.print(report.result)
      return
    }
    record(report, in: failures)
    if !verbose { try CaseReport.unsupported(report.cases, terminal.style).forEach(terminal.print) }
    try terminal.print(report.conclusion(terminal.style, isWhole: verbose))
    if !report.conforms { throw DoesNotConform() }
  }

  /// Enters the cases in the record for `--last-failed`; a verdict does not depend on that, so an error is only told.
  private func record(_ report: RunReport, in failures: FailureRecord) {
    do {
      try failures.enter(report)
    } catch {
      StandardStream.error.tryToPrint("note: --last-failed will not know this run: \(error)")
    }
  }
}

extension FileUses {
  /// The goldens and the tolerances file.
  init(_ settings: Settings) {
    self.init()
    read(allIn: settings.fixtures, as: "the goldens")
    read(settings.tolerancesFile, as: "the tolerances file")
  }
}
