/// The place of a run: the command, the day, and the state of the sources.
package struct RunOrigin: Codable, Sendable, Equatable {
  /// The words of the command line, after the name of the program.
  package let command: [String]
  /// The start of the run in ISO 8601, with the offset of UTC.
  package let date: String
  /// The commit of the repository that the command was given in; nil outside of one.
  package let commit: String?

  package init(command: [String], date: String, commit: String?) {
    self.command = command
    self.date = date
    self.commit = commit
  }

  /// The options of a command that choose cases or reports, with the number of words that follow each.
  private static let ofSelection = [
    "--case": 1, "--exclude": 1, "--shard": 1, "--json": 1, "--junit": 1, "--html": 1, "--markdown": 1,
    "--last-failed": 0, "--verbose": 0, "-v": 0, "--no-diagnosis": 0,
  ]

  /// The command line that repeats the run with other options, for a shell; the options that chose cases, reports and,
  /// if `isOtherProfile`, the profile are left out.
  package func command(with options: [String], isOtherProfile: Bool = false) -> String {
    let dropped = Self.ofSelection.merging(isOtherProfile ? ["--profile": 1] : [:]) { $1 }
    var words: [String] = [], skipped = 0
    for word in command {
      if skipped > 0 {
        skipped -= 1
        continue
      }
      let name = word.split(separator: "=", maxSplits: 1).first.map(String.init) ?? word
      if let count = dropped[name] {
        // `--case=x` is one word.
        skipped = name == word ? count : 0
      } else {
        words.append(word)
      }
    }
    return (["rope-conformance"] + words + options).map(\.quotedForShell).joined(separator: " ")
  }

  /// The whole command line.
  package var commandLine: String { (["rope-conformance"] + command).map(\.quotedForShell).joined(separator: " ") }
}

extension String {
  /// The word as a shell reads it.
  fileprivate var quotedForShell: String {
    let isPlain = !isEmpty && unicodeScalars.allSatisfy { Self.plain.contains($0) }
    return isPlain
      ? self : "'" + split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
  }

  private static let plain = Set(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:=@%+,".unicodeScalars)
}
