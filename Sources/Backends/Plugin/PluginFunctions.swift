import CRoPEBackend
import Foundation
import Judging
import RoPE

/// The functions of a `rope_backend`, whoever gave it.
///
/// They are called one at a time.
final class PluginFunctions: @unchecked Sendable {
  /// The name that it gives itself; nil without one.
  let name: String?
  /// One line for people: implementation and device; nil without one.
  let summary: String?
  /// The minor version of the interface whose calls it takes.
  let minorVersion: UInt32

  static let version = (major: UInt32(ROPE_BACKEND_MAJOR_VERSION), minor: UInt32(ROPE_BACKEND_MINOR_VERSION))

  private let backend: UnsafePointer<rope_backend>
  // The lock guards every call of a function.
  private let lock: NSLock

  /// Wraps a backend, which must outlive the object.
  ///
  /// `lock` is given if others call the same backend.
  ///
  /// - Throws: ``InterfaceError``.
  init(_ backend: UnsafePointer<rope_backend>, lock: NSLock = NSLock()) throws(InterfaceError) {
    // The version precedes every field that may differ, so it is checked as soon as it is present.
    let size = backend.pointee.struct_size
    guard size >= MemoryLayout<rope_host>.size else { throw .structSize(of: rope_backend.self, found: size) }
    // Of a later minor version, this program does not know the calls that the plug-in expects.
    guard backend.pointee.major_version == Self.version.major, backend.pointee.minor_version <= Self.version.minor
    else {
      throw .version(major: backend.pointee.major_version, minor: backend.pointee.minor_version)
    }
    guard size >= MemoryLayout<rope_backend>.size else { throw .structSize(of: rope_backend.self, found: size) }
    guard backend.pointee.supports != nil else { throw .missingFunction("supports", of: rope_backend.self) }
    guard backend.pointee.apply != nil else { throw .missingFunction("apply", of: rope_backend.self) }
    self.backend = backend
    self.lock = lock
    minorVersion = backend.pointee.minor_version
    name = backend.pointee.name.map { rope_error.line($0) }
    summary = backend.pointee.description.map { rope_error.line($0) }
  }

  /// - Throws: ``PluginFailure`` if the plug-in says that it failed; ``PluginError`` if it gave no answer that
  ///   `rope_backend.h` knows, or wrote where it may not.
  func support(for call: PluginCall) throws -> Support {
    let (status, text) = try run(backend.pointee.supports, call, at: nil, what: "asked for support")
    switch status {
    case Int32(ROPE_OK): return .supported
    case Int32(ROPE_UNSUPPORTED): return .unsupported(reason: text)
    default: throw Self.failure(status, text, what: "asked for support")
    }
  }

  /// Carries out a call, whose buffers begin at `bases`.
  ///
  /// - Throws: what ``support(for:)`` throws; `LateRefusal` if it says only now that it does not support the call, and
  ///   `mayRefuse`.
  func apply(_ call: PluginCall, at bases: [UnsafeMutableRawPointer?], mayRefuse: Bool = false) throws {
    let (status, text) = try run(backend.pointee.apply, call, at: bases, what: "rotating")
    if mayRefuse, status == Int32(ROPE_UNSUPPORTED) { throw LateRefusal(reason: text) }
    guard status == Int32(ROPE_OK) else { throw Self.failure(status, text, what: "rotating") }
  }

  private typealias Function =
    @convention(c) (UnsafeMutableRawPointer?, UnsafePointer<rope_call>?, UnsafeMutablePointer<rope_error>?) -> Int32

  /// - Throws: ``PluginError`` if the function changes the call.
  private func run(
    _ function: Function?, _ call: PluginCall, at bases: [UnsafeMutableRawPointer?]?, what: String
  ) throws(PluginError) -> (status: Int32, text: String) {
    let ((status, text), change) = lock.withLock {
      call.withCall(at: bases) { call in
        rope_error.reading { function?(backend.pointee.state, call, $0) ?? Int32(ROPE_FAILED) }
      }
    }
    if let change { throw .changedCall(what: what, change) }
    return (status, text)
  }

  private static func failure(_ status: Int32, _ text: String, what: String) -> any Error {
    func failed(_ reason: String) -> PluginError { .failed(what: what, reason: reason) }
    switch status {
    case Int32(ROPE_FAILED): return PluginFailure(description: failed("failed: \(text)").description)
    case Int32(ROPE_UNSUPPORTED):
      return PluginFailure(description: failed("refused a call that it had said it supports: \(text)").description)
    default: return failed("returned \(status), which is not a status of rope_backend.h")
    }
  }
}

/// A struct of functions that cannot be used; the description follows a word for who gave it.
package enum InterfaceError: Error, Equatable, CustomStringConvertible {
  case version(major: UInt32, minor: UInt32)
  case structSize(of: String, found: Int, needed: Int)
  case missingFunction(String, of: String)

  static func structSize<Struct>(of type: Struct.Type, found: Int) -> InterfaceError {
    .structSize(of: "\(type)", found: found, needed: MemoryLayout<Struct>.size)
  }

  static func missingFunction<Struct>(_ name: String, of type: Struct.Type) -> InterfaceError {
    .missingFunction(name, of: "\(type)")
  }

  package var description: String {
    let (major, minor) = PluginFunctions.version
    return switch self {
    case .version(major, let later):
      "takes the calls of version \(major).\(later) of the interface, but this program has \(major).\(minor): set "
        + "minor_version to at most \(minor)"
    case .version(let other, let its):
      "has version \(other).\(its) of the interface, but this program has \(major).\(minor): the major versions must be "
        + "the same; compile it with the rope_backend.h of this program"
    case .structSize(let type, let found, let needed):
      "gives its \(type) a struct_size of \(found): must be at least \(needed), sizeof(\(type))"
    case .missingFunction(let name, let type):
      "leaves '\(name)' of its \(type) null: set it"
    }
  }
}
