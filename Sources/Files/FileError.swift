import Foundation

/// A file or folder that cannot be used: its path, the reason, and the remedy.
package enum FileError: Error, Equatable, CustomStringConvertible {
  case unreadable(path: String, reason: String)
  case unwritable(path: String, reason: String)
  /// One file has two uses in one command, by the same path or by another.
  case sameFile(path: String, uses: [String])

  /// The reason alone, for an error that names the file itself.
  package var reason: String {
    switch self {
    case .unreadable(_, let reason), .unwritable(_, let reason): reason
    case .sameFile(_, let uses): "it is \(uses.joined(separator: " and ")): give each its own file"
    }
  }

  package var description: String {
    switch self {
    case .unreadable(let path, let reason): "cannot read '\(path.visible)': \(reason)"
    case .unwritable(let path, let reason): "cannot write '\(path.visible)': \(reason)"
    case .sameFile(let path, _): "'\(path.visible)': \(reason)"
    }
  }
}

/// The system's words for an error number; that of its last call unless given.
package func systemReason(_ number: Int32 = errno) -> String { String(cString: strerror(number)) }
