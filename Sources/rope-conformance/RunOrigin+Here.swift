import Conformance
import Foundation

extension RunOrigin {
  /// The command that this process was started with, now, in the current folder.
  static func here() -> RunOrigin {
    RunOrigin(
      command: Array(CommandLine.arguments.dropFirst()), date: Date.now.formatted(.iso8601), commit: commit())
  }

  /// The commit that git has checked out in the current folder; nil without git or outside of a repository.
  private static func commit() -> String? {
    let git = Process(), output = Pipe()
    git.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    git.arguments = ["git", "rev-parse", "HEAD"]
    git.standardInput = FileHandle.nullDevice
    git.standardOutput = output
    git.standardError = FileHandle.nullDevice
    do { try git.run() } catch { return nil }
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    git.waitUntilExit()
    let commit = text.trimmingCharacters(in: .whitespacesAndNewlines)
    return git.terminationStatus == 0 && !commit.isEmpty ? commit : nil
  }
}
