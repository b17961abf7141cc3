import ArgumentParser
import Backends

/// Serves a plug-in to another process of this program.
struct ServePlugin: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: PluginServer.subcommand, shouldDisplay: false)

  @Argument var path: String

  func run() { PluginServer.run(path: path) }
}
