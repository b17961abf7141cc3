import ArgumentParser
import Isolation

/// Keeps a process for another one of this program.
struct Keep: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: Keeper.subcommand, shouldDisplay: false)

  @Argument(parsing: .captureForPassthrough) var arguments: [String] = []

  func run() { Keeper.run(arguments) }
}
