import ArgumentParser

extension CommandConfiguration {
  /// A configuration whose help shows examples.
  ///
  /// `examples` are command lines without the name of the program.
  init(
    commandName: String? = nil, abstract: String, discussion: String = "", examples: [String], version: String = "",
    subcommands: [any ParsableCommand.Type] = []
  ) {
    let lines = examples.map { "  rope-conformance \($0)" }
    let heading = lines.count == 1 ? "Example:" : "Examples:"
    let parts = [discussion, ([heading] + lines).joined(separator: "\n")]
    self.init(
      commandName: commandName, abstract: abstract,
      discussion: parts.filter { !$0.isEmpty }.joined(separator: "\n\n"), version: version, subcommands: subcommands)
  }
}
