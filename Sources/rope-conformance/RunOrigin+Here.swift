import Conformance
import Foundation
import Workers

extension RunOrigin {
  /// The command that this process was started with, now, in the current folder.
  static func here() -> RunOrigin {
    RunOrigin(
      command: Array(CommandLine.arguments.dropFirst()), date: Date.now.formatted(.iso8601), commit: commit())
  }

  /// Seconds after which the commit is not told.
  private static let patience = 10.0

  /// The commit that git has checked out in the current folder; nil without git or outside of a repository.
  private static func commit() -> String? {
    guard let git = try? ChildProcess(["git", "rev-parse", "HEAD"]),
      git.wait(until: Deadline(after: patience)) == .exited(status: 0)
    else { return nil }
    return git.lastLine()
  }
}
