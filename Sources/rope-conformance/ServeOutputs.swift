import ArgumentParser
import Backends

/// Reads recorded outputs for another process of this program.
struct ServeOutputs: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: RecordedServer.subcommand, shouldDisplay: false)

  func run() { RecordedServer.run() }
}
