import ArgumentParser
import Testing

@testable import rope_conformance

@Suite("Help") struct HelpTests {
  /// The commands that the help lists.
  private static let commands: [any ParsableCommand.Type] =
    ([RopeConformance.self] + RopeConformance.configuration.subcommands).filter { $0.configuration.shouldDisplay }

  /// The lines in the help of a command that show how to call it, without the name of the program.
  private static func examples(of command: any ParsableCommand.Type) -> [String] {
    let start = "  rope-conformance "
    return RopeConformance.helpMessage(for: command, columns: 80).split(separator: "\n")
      .drop { !["Example:", "Examples:"].contains($0) }.dropFirst()
      .prefix { $0.hasPrefix(start) }.map { String($0.dropFirst(start.count)) }
  }

  @Test("The help of every command has examples that fit a line, and they parse")
  func examples() {
    for command in Self.commands {
      let examples = Self.examples(of: command)
      let count = command.configuration.discussion.split(separator: "\n").count { $0.hasPrefix("  rope-conformance ") }
      #expect(examples.count == count && count > 0, "\(command)")
      for example in examples {
        let arguments = Self.arguments(example)
        #expect(command == RopeConformance.self || arguments.first == command._commandName, "\(example)")
        #expect(throws: Never.self, "\(example)") { try RopeConformance.parseAsRoot(arguments) }
      }
    }
  }

  @Test(
    "An example that does not parse is noticed",
    arguments: ["run --bakend hip", "bench --samples 0", "list --models --bugs", "explain", "no-such-command"])
  func wrongExample(example: String) {
    #expect(throws: (any Error).self) { try RopeConformance.parseAsRoot(Self.arguments(example)) }
  }

  @Test("A shell completes every command", arguments: CompletionShell.allCases)
  func completions(shell: CompletionShell) {
    let script = RopeConformance.completionScript(for: shell)
    for command in Self.commands { #expect(script.contains(command._commandName), "\(command)") }
  }

  @Test("The value of an option is named after what it is")
  func valueNames() {
    let vague = [
      "json", "junit", "html", "from", "config", "fixtures", "tolerances", "case", "shape", "shard", "seed", "backend",
      "device", "kind", "length",
    ]
    for command in Self.commands {
      let help = RopeConformance.helpMessage(for: command, columns: 200)
      for option in vague { #expect(!help.contains("--\(option) <\(option)>"), "\(command) --\(option)") }
    }
  }

  /// Splits a command line at spaces outside single quotes.
  private static func arguments(_ line: String) -> [String] {
    line.split(separator: "'", omittingEmptySubsequences: false).enumerated().flatMap { index, part in
      index.isMultiple(of: 2) ? part.split(separator: " ").map(String.init) : [String(part)]
    }
  }
}
