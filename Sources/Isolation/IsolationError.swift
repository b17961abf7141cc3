import Foundation

/// Something that isolating a process needs and the system refused.
public enum IsolationError: Error, Equatable, CustomStringConvertible {
  /// A call of the system: what was to be done, and why it failed.
  case system(what: String, reason: String)
  /// A program that cannot be started: its path, and why.
  case notStarted(program: String, reason: String)
  /// The executable `rope-conformance`, which keeps child processes, is not where this process runs from.
  case noKeeper(folder: String)

  public var description: String {
    switch self {
    case .system(let what, let reason): "\(what): \(reason)"
    case .notStarted(let program, let reason): "'\(program)' cannot be started: \(reason)"
    case .noKeeper(let folder):
      "no executable rope-conformance in '\(folder)', which keeps the processes that are run apart: build it there"
    }
  }

  /// The error of a call that set `errno`.
  static func system(_ what: String, _ number: Int32 = errno) -> IsolationError {
    .system(what: what, reason: text(of: number))
  }

  /// What an error number means.
  static func text(of number: Int32) -> String { String(cString: strerror(number)) }
}
