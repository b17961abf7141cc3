import ArgumentParser
import Conformance
import Reports

struct Report: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Makes the other reports of a JSON report.")

  @Option(help: "A report that 'run --json' wrote.")
  var from: String

  @OptionGroup var reports: ReportOptions

  func run() throws {
    let files = try reports.files(beside: [("--from", from)])
    guard !files.isEmpty else { throw ValidationError("say what to write: --junit or --html") }
    try files.write(RunReport(contentsOf: from))
  }
}
