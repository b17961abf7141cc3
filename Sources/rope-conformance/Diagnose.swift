import ArgumentParser
import Backends
import Conformance
import Files
import Judging
import Reports

struct Diagnose: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Explains every recorded case that fails: its verdict, the cause, and the errors by place.",
    discussion: """
      It judges only the cases that have recorded outputs. Exit status: 0 if none fails and at least one conforms, \
      otherwise 1; 2 for bad usage or input.
      """,
    examples: ["diagnose my-outputs.h5", "diagnose my-outputs.h5 --case llama-3.1-8b/bf16"])

  @Argument(
    help: ArgumentHelp("Files of recorded outputs, of one backend.", valueName: "file"), completion: .file())
  var files: [String]

  @OptionGroup var cases: CaseOptions
  @OptionGroup var tier: TierOption
  @OptionGroup var folder: FixturesOption
  @OptionGroup var tolerances: ToleranceOptions
  @OptionGroup var limits: LimitOptions

  func run() throws {
    let settings = try Settings(folder, tolerances)
    let library = try tier.library(settings)
    let candidate = try RecordedCandidate(paths: files, library: library, limits: limits.isolated, onlyRecorded: true)
    let selection = try CaseSelection(
      cases.filter(), from: library, shard: .whole, among: candidate.recordedNames)
    let terminal = Terminal()
    try terminal.print(candidate.summary.visible)
    let report = try ConformanceRun(candidate, on: selection, of: library, settings.tolerances).run { result in
      if result.outcome == .fails { try terminal.print(result.explanation(terminal.style) + "\n") }
    }
    try CaseReport.unsupported(report.cases, terminal.style).forEach(terminal.print)
    try terminal.print(report.conclusion(terminal.style, isWhole: true))
    if !report.conforms { throw DoesNotConform() }
  }
}
