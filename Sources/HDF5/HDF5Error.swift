import Files

/// An error for an operation that failed: its object and file, and the reason.
package struct HDF5Error: Error, Equatable, CustomStringConvertible {
  /// The operation that was attempted, such as `open dataset q`.
  package let operation: String

  /// The path of the file as it was given to `File`.
  package let file: String

  /// The path of the object inside the file, such as `/cases/a`.
  package let object: String

  /// The reason, if this module refused; nil if libhdf5 did.
  package let reason: String?

  /// The error stack of libhdf5, outermost call first, one `function: text` per frame.
  ///
  /// Empty if this module refused.
  package let libraryStack: [String]

  /// The system's reason, if libhdf5 failed because the system did: `No space left on device`.
  var systemReason: String? {
    libraryStack.lazy.compactMap { $0.firstMatch(of: /error message = '([^']+)'/).map { String($0.1) } }.first
  }

  /// The object and the reason, in one line.
  ///
  /// If libhdf5 failed, its innermost call gives the reason.
  package var line: String {
    let cause = reason ?? systemReason ?? libraryStack.last.map { String($0.drop { $0 != ":" }.dropFirst(2)) }
    return "cannot \(operation.visible), object \(object.visible)\(cause.map { ": " + $0 } ?? "")"
  }

  package var description: String {
    let subject = "cannot \(operation.visible), object \(object.visible) of file \(file.visible)"
    // libhdf5's calls say nothing more about a failure of the system.
    if let cause = reason ?? systemReason { return "\(subject): \(cause)" }
    return ([subject] + libraryStack.map { "  libhdf5 \($0)" }).joined(separator: "\n")
  }
}

/// The object that an operation is about, for its error.
struct Location {
  let file: String
  /// The object's absolute path inside the file.
  let object: String

  /// The location of an object named relative to this one, or absolutely.
  func appending(_ path: String) -> Location {
    if path.hasPrefix("/") { return .init(file: file, object: path) }
    return .init(file: file, object: object == "/" ? "/\(path)" : "\(object)/\(path)")
  }

  /// The error for an operation that this module refuses.
  func refusal(_ operation: String, _ reason: String) -> HDF5Error {
    .init(operation: operation, file: file, object: object, reason: reason, libraryStack: [])
  }

  /// Throws if a name cannot be passed to C: it would silently be cut at its first NUL.
  func checkName(_ name: String, _ operation: String) throws(HDF5Error) {
    if name.isEmpty { throw refusal(operation, "the name is empty") }
    if name.utf8.contains(0) { throw refusal(operation, "the name contains a NUL character") }
  }
}
