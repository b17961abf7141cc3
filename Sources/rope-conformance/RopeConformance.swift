import ArgumentParser
import Conformance
import Foundation
import Reports

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
    do {
      var command = try parseAsRoot()
      isParsed = true
      try Settings.checkVariables(of: ProcessInfo.processInfo.environment)
      try command.run()
    } catch let verdict as DoesNotConform {
      _ = verdict
      Foundation.exit(1)
    } catch {
      // Help is not an error, and every error is bad usage or input.
      let isHelp = exitCode(for: error) == .success
      // The usage text does not help with a command that was understood.
      let text = isParsed && !isHelp ? "Error: \(message(for: error))" : fullMessage(for: error)
      FileHandle(isHelp).write(Data((text + "\n").utf8))
      Foundation.exit(isHelp ? 0 : 2)
    }
  }
}

/// Ends a command that did its work and found a difference.
struct DoesNotConform: Error {}

extension FileHandle {
  fileprivate convenience init(_ isHelp: Bool) {
    self.init(fileDescriptor: isHelp ? STDOUT_FILENO : STDERR_FILENO)
  }
}
