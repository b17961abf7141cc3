import ArgumentParser
import Conformance
import Reports

struct Explain: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Prints one case of a JSON report in full: verdict, diagnosis, derivation of its budget, errors by place."
  )

  @Argument(help: "The name of the case.")
  var name: String

  @Option(help: "A report that 'run --json' wrote.")
  var from: String

  func run() throws {
    let terminal = Terminal()
    terminal.print(try RunReport(contentsOf: from).case(named: name, path: from).explanation(terminal.style))
  }
}
