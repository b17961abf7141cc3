import Foundation

/// How a child process ended.
public enum ChildEnd: Sendable, Equatable, CustomStringConvertible {
  /// By itself, with this status.
  case exited(status: Int32)
  /// By this signal.
  case signalled(Int32)
  /// Its keeper ended before it could say.
  case unknown

  /// A status as `waitpid` gives it.
  init(waitStatus: Int32) {
    self = waitStatus & 0x7F == 0 ? .exited(status: waitStatus >> 8 & 0xFF) : .signalled(waitStatus & 0x7F)
  }

  public var description: String {
    switch self {
    case .exited(let status): "exited with status \(status)"
    case .signalled(let number): "killed by \(Self.name(ofSignal: number))"
    case .unknown: "killed its keeper, so that nobody knows how it ended"
    }
  }

  /// The name of a signal, such as `SIGSEGV (invalid memory access)`.
  public static func name(ofSignal number: Int32) -> String {
    let names: [Int32: String] = [
      SIGSEGV: "SIGSEGV (invalid memory access)", SIGBUS: "SIGBUS (memory that is not there)",
      SIGFPE: "SIGFPE (integer division by zero or overflow)", SIGILL: "SIGILL (invalid instruction)",
      SIGABRT: "SIGABRT (abort)", SIGKILL: "SIGKILL (as the system does when memory runs out)",
      SIGTRAP: "SIGTRAP (trap)", SIGSYS: "SIGSYS (forbidden system call)", SIGTERM: "SIGTERM", SIGINT: "SIGINT",
      SIGPIPE: "SIGPIPE", SIGALRM: "SIGALRM", SIGXCPU: "SIGXCPU (processor time)", SIGHUP: "SIGHUP",
      SIGUSR1: "SIGUSR1", SIGUSR2: "SIGUSR2", SIGQUIT: "SIGQUIT", SIGXFSZ: "SIGXFSZ (file size)",
    ]
    return names[number] ?? "signal \(number)"
  }
}
