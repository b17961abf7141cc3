import Foundation

/// The folder of this package.
package let packageRoot = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
  .deletingLastPathComponent()

/// A program that a test runs, with its standard output and standard error in one pipe.
///
/// It is killed, with its process group, when its time is over. The trait `timeLimit` of Swift Testing does not do
/// that: it reports a test that waits for a process, but goes on waiting. It also counts the time for which a test
/// waits for a thread, so a limit below the length of the whole run fails tests that are right.
package struct Program {
  /// The exit status, negative for a signal, and the whole output.
  package typealias Outcome = (status: Int32, text: String)

  /// Seconds that a program may take, many because machines are slow and shared.
  private static let limit = 600.0

  private let process = Process()
  private let output = Pipe()
  private let watchdog: DispatchWorkItem

  /// Starts a program in the folder of this package.
  ///
  /// `path` is an absolute path, or a name that is searched in `PATH`. `environment` is added to the environment of
  /// this process, without its variables `ROPE_…`.
  package init(_ path: String, _ arguments: [String], environment: [String: String] = [:]) throws {
    let isPath = path.hasPrefix("/")
    process.executableURL = URL(filePath: isPath ? path : "/usr/bin/env")
    process.arguments = isPath ? arguments : [path] + arguments
    process.currentDirectoryURL = packageRoot
    process.environment = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("ROPE_") }
      .merging(environment) { $1 }
    process.standardOutput = output
    process.standardError = output
    try process.run()
    watchdog = DispatchWorkItem { [process] in
      guard process.isRunning else { return }
      kill(-process.processIdentifier, SIGKILL)
      kill(process.processIdentifier, SIGKILL)
    }
    DispatchQueue.global().asyncAfter(deadline: .now() + Self.limit, execute: watchdog)
  }

  /// The cache folder of every command line that tests start, so that none writes to the user's.
  private static let cache = Result { try TemporaryFolder.untilExit() }

  /// The path of the command line of this package.
  package static func ropeConformancePath() throws -> String {
    guard let tests = Bundle.main.executableURL?.resolvingSymlinksInPath() else {
      throw CocoaError(.executableNotLoadable)
    }
    // All products of a build are in one folder.
    return tests.deletingLastPathComponent().appending(path: "rope-conformance").path
  }

  /// Starts the command line of this package.
  package init(ropeConformance arguments: [String], environment: [String: String] = [:]) throws {
    let cache = ["XDG_CACHE_HOME": try Self.cache.get()]
    try self.init(Self.ropeConformancePath(), arguments, environment: cache.merging(environment) { $1 })
  }

  package var isRunning: Bool { process.isRunning }

  package func send(_ signal: Int32) { kill(process.processIdentifier, signal) }

  /// Waits until the program ends.
  package func outcome() throws -> Outcome {
    defer { watchdog.cancel() }
    // The output is read first, because a program whose pipe is full does not end.
    let printed = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    let status = process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus
    return (status, String(decoding: printed, as: UTF8.self))
  }

  /// Runs a program to its end.
  package static func run(_ path: String, _ arguments: [String], environment: [String: String] = [:]) throws -> Outcome
  {
    try Program(path, arguments, environment: environment).outcome()
  }

  /// Runs the command line of this package to its end.
  package static func ropeConformance(_ arguments: String..., environment: [String: String] = [:]) throws -> Outcome {
    try Program(ropeConformance: arguments, environment: environment).outcome()
  }
}
