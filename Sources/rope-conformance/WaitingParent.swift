import Files
import Foundation
import Workers

/// A process that waits for a run in which code of the user is loaded into the program itself.
///
/// That code can end the process with any status and nothing said. So the run is in a child, and the status that counts
/// is the one that the child sends when it has come to a conclusion.
enum WaitingParent {
  private static let variable = "IN_PROCESS_CONCLUSION"
  nonisolated(unsafe) private static var toParent: Int32?

  /// In a first process, starts a second one with the same arguments, and ends as that concludes.
  ///
  /// Returns in the second process, and under a debugger, which wants the code in the process that it started.
  ///
  /// - Throws: `WorkerError` if no process can be started.
  static func waitForChild() throws {
    if let text = ProcessInfo.processInfo.environment[variable] {
      toParent = Int32(text)
      // Programs that the user's code starts must not hold the parent.
      toParent.map { _ = fcntl($0, F_SETFD, FD_CLOEXEC) }
      unsetenv(variable)
    } else if !isTraced {
      try startAndWait()
    }
  }

  /// In the second process, says how the run ended.
  static func conclude(_ status: UInt8) {
    var status = status
    toParent.map { _ = write($0, &status, 1) }
  }

  private static func startAndWait() throws -> Never {
    let program = try SupervisorProgram.path()
    var ends: [Int32] = [-1, -1], child: pid_t = 0
    guard pipe(&ends) == 0 else { throw WorkerError.notStarted(program: program, reason: systemReason()) }
    setenv(variable, "\(ends[1])", 1)
    signal(SIGCHLD, SIG_DFL)
    // A signal that comes before it can be passed on waits.
    var passedOn = sigset_t()
    sigemptyset(&passedOn)
    for number in endSignals { sigaddset(&passedOn, number) }
    pthread_sigmask(SIG_BLOCK, &passedOn, nil)
    var arguments = CommandLine.arguments.map { strdup($0) } + [nil]
    defer { for text in arguments { free(text) } }
    let error = posix_spawn(&child, program, nil, nil, &arguments, environ)
    guard error == 0 else { throw WorkerError.notStarted(program: program, reason: systemReason(error)) }
    passedTo = child
    for number in endSignals { signal(number) { kill(passedTo, $0) } }
    pthread_sigmask(SIG_UNBLOCK, &passedOn, nil)
    close(ends[1])
    var status: Int32 = 0
    while waitpid(child, &status, 0) < 0, errno == EINTR {}
    _ = fcntl(ends[0], F_SETFL, O_NONBLOCK)
    var conclusion: UInt8 = 0
    if read(ends[0], &conclusion, 1) == 1 { _exit(Int32(conclusion)) }
    let number = status & 0x7F
    if endSignals.contains(number) {
      signal(number, SIG_DFL)
      kill(getpid(), number)
    }
    let end = number == 0 ? "with status \(status >> 8 & 0xFF)" : "by \(ChildEnd.name(ofSignal: number))"
    StandardStream.error.tryToPrint("Error: the process was ended \(end) in the middle of the run")
    _exit(1)
  }

  private static let endSignals = [SIGINT, SIGTERM, SIGHUP]

  /// True under a debugger; only Linux tells.
  private static var isTraced: Bool {
    let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    return status.split(separator: "\n").contains { line in
      line.hasPrefix("TracerPid:") && line.dropFirst(10).trimmingCharacters(in: .whitespaces) != "0"
    }
  }
}

/// The process to which signals are passed on.
nonisolated(unsafe) private var passedTo: pid_t = 0
