import ArgumentParser
import Conformance
import Reports

struct Explain: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract:
      "Prints one case of a JSON report in full: verdict, diagnosis, derivation of its budget, errors by place.",
    examples: ["explain glm-4.5/bf16/ragged/frequency --from run.json"])

  @Argument(help: ArgumentHelp("Name of the case.", valueName: "case"))
  var name: String

  @Option(help: ArgumentHelp("Report that 'run --json' wrote.", valueName: "file"), completion: .file())
  var from: String

  func run() throws {
    let terminal = Terminal()
    try terminal.print(try RunReport(contentsOf: from).case(named: name, path: from).explanation(terminal.style))
  }
}
