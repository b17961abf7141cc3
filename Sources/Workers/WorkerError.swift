import Files
import Foundation

/// An operation that a worker needs and that the system refused.
package enum WorkerError: Error, Equatable, CustomStringConvertible {
  /// A system call failed: the action, and the reason.
  case system(what: String, reason: String)
  /// A program cannot be started: its path, and the reason.
  case notStarted(program: String, reason: String)
  /// The executable `rope-conformance`, which supervises child processes, is not in the folder of this program.
  case noSupervisor(folder: String)

  package var description: String {
    switch self {
    case .system(let what, let reason): "\(what): \(reason)"
    case .notStarted(let program, let reason): "'\(program)' cannot be started: \(reason)"
    case .noSupervisor(let folder):
      "there is no executable rope-conformance in '\(folder)', and it must supervise isolated processes: build it there"
    }
  }

  /// The error of a call that set `errno`.
  static func system(_ what: String, _ number: Int32 = errno) -> WorkerError {
    .system(what: what, reason: systemReason(number))
  }
}
