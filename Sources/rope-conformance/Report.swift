import ArgumentParser
import Conformance
import Files
import Reports

struct Report: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Makes JUnit, HTML and Markdown reports from a JSON report.",
    examples: ["report --from run.json --html run.html --junit run.xml"])

  @Option(help: ArgumentHelp("Report that 'run --json' wrote.", valueName: "file"), completion: .file())
  var from: String

  @OptionGroup var reports: ReportOptions

  func run() throws {
    var uses = FileUses()
    uses.read(from, as: "--from")
    let files = try reports.files(beside: uses)
    guard !files.isEmpty else { throw ValidationError("there is nothing to write: give --junit, --html or --markdown") }
    try files.write(RunReport(contentsOf: from))
  }
}
