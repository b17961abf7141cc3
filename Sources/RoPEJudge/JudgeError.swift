import Backends
import CRoPEJudge
import Conformance
import Files
import Foundation
import Goldens
import HDF5
import Judging
import Models
import Reports

/// An error as a function of the interface gives it: its status, and its text.
struct JudgeError: Error {
  let status: Int32
  let text: String

  init(_ status: Int, _ text: String) {
    self.status = Int32(status)
    self.text = text
  }

  /// An argument that cannot be used.
  static func argument(_ text: String) -> JudgeError { JudgeError(ROPE_JUDGE_ARGUMENT, text) }

  /// A setting that cannot be used.
  static func setting(_ text: String) -> JudgeError { JudgeError(ROPE_JUDGE_SETTING, text) }

  /// The error of any part of the suite.
  init(_ error: any Error) {
    switch error {
    case let error as JudgeError: self = error
    case is SettingsError, is ToleranceError, is PatternError, is SelectionError:
      self = .setting("\(error)")
    case OpenCaseError.noMemory: self.init(ROPE_JUDGE_SYSTEM, "\(error)")
    case is OpenCaseError, GoldenError.unknownCase: self.init(ROPE_JUDGE_CASE, "\(error)")
    case is GoldenError, is HDF5Error, is ModelConfigError: self.init(ROPE_JUDGE_GOLDEN, "\(error)")
    case is GivenTensorError, is ReportError, is FileError: self = .argument("\(error)")
    case let error as InterfaceError: self = .argument("the backend \(error)")
    default: self.init(ROPE_JUDGE_SYSTEM, "\(error)")
    }
  }
}

/// Carries out a function of the interface.
///
/// - Returns: its status; if that is not `ROPE_OK`, the text is in `error`.
func status(_ error: UnsafeMutablePointer<rope_error>?, _ body: () throws -> Void) -> Int32 {
  do {
    try body()
    return Int32(ROPE_OK)
  } catch let thrown {
    let found = JudgeError(thrown)
    error?.set(found.text)
    return found.status
  }
}

extension UnsafeMutablePointer<rope_error> {
  /// Sets the text to one line, as much of it as there is room for.
  fileprivate func set(_ text: String) {
    guard pointee.struct_size >= MemoryLayout<rope_error>.size, let buffer = pointee.text, pointee.capacity > 0 else {
      return
    }
    var line: [UInt8] = []
    for character in text.split(whereSeparator: \.isNewline).joined(separator: " ").visible {
      // The rest of a character that does not fit would be no UTF-8.
      guard line.count + character.utf8.count < pointee.capacity else { break }
      line += character.utf8
    }
    for (index, byte) in (line + [0]).enumerated() { buffer[index] = CChar(bitPattern: byte) }
  }
}

// MARK: - Arguments and results

/// A value of an argument that must be there.
func given<Value>(_ value: Value?, _ name: String) throws(JudgeError) -> Value {
  guard let value else { throw .argument("\(name) is null: give its address") }
  return value
}

/// A text of an argument that must be there.
func text(_ start: UnsafePointer<CChar>?, _ name: String) throws(JudgeError) -> String {
  guard let text = String(validatingCString: try given(start, name)) else {
    throw .argument("\(name) is not a text in UTF-8")
  }
  return text
}

/// Sets a result to a copy of a text, for `rope_text_free`.
func set(_ result: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>, to text: String) throws(JudgeError) {
  guard let copy = strdup(text) else {
    throw JudgeError(ROPE_JUDGE_SYSTEM, "there is no memory for a text of \(text.utf8.count) bytes")
  }
  result.pointee = copy
}

/// An object of this library behind a pointer of the interface.
enum Handle<Object: AnyObject> {
  /// A pointer that ``close(_:)`` must be given.
  static func open(_ object: Object) -> OpaquePointer { OpaquePointer(Unmanaged.passRetained(object).toOpaque()) }

  /// The object of a pointer.
  static func object(_ pointer: OpaquePointer?, _ name: String) throws(JudgeError) -> Object {
    Unmanaged<Object>.fromOpaque(UnsafeRawPointer(try given(pointer, name))).takeUnretainedValue()
  }

  static func close(_ pointer: OpaquePointer?) {
    if let pointer { Unmanaged<Object>.fromOpaque(UnsafeRawPointer(pointer)).release() }
  }
}
