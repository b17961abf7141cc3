import Foundation

/// Something that a worker needs and the system refused.
package enum WorkerError: Error, Equatable, CustomStringConvertible {
  /// A call of the system: what was to be done, and why it failed.
  case system(what: String, reason: String)
  /// A program that cannot be started: its path, and why.
  case notStarted(program: String, reason: String)
  /// The executable `rope-conformance`, which supervises child processes, is not where this process runs from.
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
    .system(what: what, reason: text(of: number))
  }

  /// What an error number means.
  static func text(of number: Int32) -> String { String(cString: strerror(number)) }
}
