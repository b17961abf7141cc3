import ArgumentParser
import Conformance
import Files
import Reports

struct Merge: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Makes one report from the JSON reports of all shards of a run.",
    discussion: "Exit status: as for 'run', and 2 if the reports are not from one run or one is missing.",
    examples: ["merge part-1.json part-2.json --html run.html"])

  @Argument(
    help: ArgumentHelp("Reports that 'run --shard i/n --json' wrote, one for each shard.", valueName: "file"),
    completion: .file())
  var parts: [String]

  @Option(
    help: ArgumentHelp("Write the whole run as JSON Lines to this file; - is standard output.", valueName: "file"),
    completion: .file())
  var json: String?

  @OptionGroup var reports: ReportOptions

  func run() throws {
    var uses = FileUses()
    for (index, part) in parts.enumerated() {
      guard !parts[..<index].contains(part) else { throw ValidationError("'\(part.visible)' is given twice") }
      uses.read(part, as: "a part")
    }
    let files = try reports.files(beside: uses, json: json)
    let report = try RunReport(merging: parts.map { ($0, try RunReport(contentsOf: $0)) })
    if let json { try report.write(jsonTo: json) }
    try files.write(report)
    let terminal = Terminal(isOutputTaken: json == "-")
    try terminal.print(report.conclusion(terminal.style))
    if !report.conforms { throw DoesNotConform() }
  }
}
