import Files
import Foundation

/// A process that waits for a run in which code of the user is loaded into the program itself.
///
/// That code can end the process with any status and nothing said. So the run is in a child, whose status counts only if
/// the child says that it came to a conclusion.
enum WaitingParent {
  private static let variable = "IN_PROCESS_CONCLUSION"

  /// In a first process, starts a second one with the same arguments, and ends as that does.
  ///
  /// Returns in the second process, and under a debugger, which wants the code in the process that it started.
  ///
  /// - Throws: `FileError` if no process can be started.
  static func waitForChild() throws {
    guard ProcessInfo.processInfo.environment[variable] == nil, !isTraced else { return }
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { throw FileError.unwritable(path: "a pipe", reason: systemReason()) }
    setenv(variable, "\(ends[1])", 1)
    var child: pid_t = 0
    var arguments = CommandLine.arguments.map { strdup($0) } + [nil]
    defer { for text in arguments { free(text) } }
    let program = Bundle.main.executablePath ?? CommandLine.arguments[0]
    let error = posix_spawn(&child, program, nil, nil, &arguments, environ)
    guard error == 0 else { throw FileError.unreadable(path: program, reason: systemReason(error)) }
    close(ends[1])
    for number in [SIGINT, SIGTERM, SIGHUP] { passOn(number, to: child) }
    var status: Int32 = 0
    while waitpid(child, &status, 0) < 0, errno == EINTR {}
    var said: UInt8 = 0
    let hasConcluded = read(ends[0], &said, 1) == 1
    if status & 0x7F != 0 {
      StandardStream.error.tryToPrint(
        "Error: the process was killed by signal \(status & 0x7F) in the middle of the run")
      _exit(1)
    }
    let code = status >> 8 & 0xFF
    guard code != 0 || hasConcluded else {
      StandardStream.error.tryToPrint("Error: the process was ended in the middle of the run")
      _exit(1)
    }
    _exit(code)
  }

  /// In a second process, says that the run came to a conclusion.
  static func conclude() {
    guard let text = ProcessInfo.processInfo.environment[variable], let descriptor = Int32(text) else { return }
    var byte: UInt8 = 1
    _ = write(descriptor, &byte, 1)
  }
}

/// The process to which signals are passed on.
nonisolated(unsafe) private var passedTo: pid_t = 0

extension WaitingParent {
  private static func passOn(_ number: Int32, to child: pid_t) {
    passedTo = child
    signal(number) { kill(passedTo, $0) }
  }

  /// True under a debugger.
  private static var isTraced: Bool {
    let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    return status.split(separator: "\n").contains { line in
      line.hasPrefix("TracerPid:") && line.dropFirst(10).trimmingCharacters(in: .whitespaces) != "0"
    }
  }
}
