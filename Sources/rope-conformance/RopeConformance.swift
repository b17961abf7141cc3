import ArgumentParser
import Conformance
import Files
import Foundation
import Reports
import RoPE

@main
struct RopeConformance: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rope-conformance",
    abstract: "Checks implementations of rotary position embeddings against exact results.",
    discussion: "Exit status: 0 conforms, 1 does not conform, 2 bad usage or input.",
    examples: ["run --backend plugin:path/to/libmine.so", "help run"],
    version: RunHeader.packageVersion,
    subcommands: [
      Generate.self, Run.self, Export.self, Validate.self, Diagnose.self, Explain.self, Report.self, Merge.self,
      List.self, Show.self,
      Budgets.self, PlanCommand.self, InvariantsCommand.self, Mutants.self, DevicesCommand.self, Bench.self,
      BenchSuite.self, CompileKernel.self, Supervise.self, ServePlugin.self, ServeOutputs.self,
    ])

  static func main() {
    var isParsed = false
    StandardStream.occupyClosed()
    do {
      try checkHelp(CommandLine.arguments.dropFirst())
      var command = try parseAsRoot()
      isParsed = true
      if type(of: command).configuration.shouldDisplay {
        UnfinishedFiles.removeWhenInterrupted()
        ScratchFolder.removeAbandoned()
      }
      try Settings.checkVariables(of: ProcessInfo.processInfo.environment)
      try command.run()
      WaitingParent.conclude(0)
    } catch is DoesNotConform {
      WaitingParent.conclude(1)
      Foundation.exit(1)
    } catch {
      // Help is not an error, and every error is bad usage or input.
      let isHelp = exitCode(for: error) == .success
      // The usage text does not help with a command that was understood.
      let text = isParsed && !isHelp ? "Error: \(message(for: error))" : fullMessage(for: error)
      end(isHelp, text)
    }
  }

  /// Refuses help on a command that does not exist, for which the parser shows the help of the whole.
  private static func checkHelp(_ words: ArraySlice<String>) throws {
    guard words.first == "help", let name = words.dropFirst().first, !name.hasPrefix("-") else { return }
    let names = configuration.subcommands.filter { $0.configuration.shouldDisplay }.map { $0._commandName }
    guard names.contains(name) else {
      throw ValidationError("no command '\(name)'\(names.suggestion(for: name, list: "'help'"))")
    }
  }

  /// Prints a text and ends the process: with 0 for help, and 2 for an error, also one of printing help.
  private static func end(_ isHelp: Bool, _ text: String) -> Never {
    do {
      try (isHelp ? StandardStream.output : .error).print(text)
    } catch {
      StandardStream.error.tryToPrint("Error: \(error)")
      _exit(2)
    }
    WaitingParent.conclude(isHelp ? 0 : 2)
    // libhdf5 can crash at exit when a file could not be written; nothing else waits for the end.
    _exit(isHelp ? 0 : 2)
  }
}

/// Ends a command that did its work and found a difference.
struct DoesNotConform: Error {}
