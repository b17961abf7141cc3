import CRoPEBackend
import Foundation
import RoPE

/// A plug-in that is loaded into this process.
///
/// Its functions are called one at a time.
final class PluginLibrary: @unchecked Sendable {
  // The lock guards every call into the library.
  private let lock = NSLock()
  private let backend: UnsafePointer<rope_backend>

  /// The name that it gives itself.
  let name: String
  /// One line for people: implementation and device.
  let summary: String
  /// The minor version of the interface whose calls it takes.
  let minorVersion: UInt32

  static let version = (major: UInt32(ROPE_BACKEND_MAJOR_VERSION), minor: UInt32(ROPE_BACKEND_MINOR_VERSION))

  private typealias EntryPoint =
    @convention(c) (UnsafePointer<rope_host>?, UnsafeMutablePointer<rope_error>?) -> UnsafePointer<rope_backend>?

  /// Loads a library and never unloads it, because its code may run until the process ends.
  ///
  /// - Throws: ``PluginError``.
  init(path: String) throws(PluginError) {
    // Without a slash, dlopen would search everywhere but in this folder.
    guard let library = dlopen(path.contains("/") ? path : "./\(path)", RTLD_NOW | RTLD_LOCAL) else {
      throw .notLoaded(path: path, reason: dlerror().map { String(cString: $0) } ?? "no reason given")
    }
    guard let symbol = dlsym(library, "rope_backend_get") else { throw .noEntryPoint(path: path) }
    let get = unsafeBitCast(symbol, to: EntryPoint.self)
    var host = rope_host(
      struct_size: MemoryLayout<rope_host>.size, major_version: Self.version.major, minor_version: Self.version.minor)
    let (found, reason) = Self.withError { get(&host, $0) }
    guard let backend = found else { throw .refused(path: path, reason: reason) }
    let needed = MemoryLayout<rope_backend>.size, size = backend.pointee.struct_size
    // The version precedes every field that may differ, so it is checked as soon as it is present.
    guard size >= MemoryLayout<rope_host>.size else { throw .structSize(path: path, found: size, needed: needed) }
    // Of a later minor version, this program does not know the calls that the plug-in expects.
    guard backend.pointee.major_version == Self.version.major, backend.pointee.minor_version <= Self.version.minor
    else {
      throw .version(path: path, major: backend.pointee.major_version, minor: backend.pointee.minor_version)
    }
    guard size >= needed else { throw .structSize(path: path, found: size, needed: needed) }
    guard backend.pointee.supports != nil else { throw .missingFunction(path: path, name: "supports") }
    guard backend.pointee.apply != nil else { throw .missingFunction(path: path, name: "apply") }
    self.backend = backend
    minorVersion = backend.pointee.minor_version
    let file = URL(filePath: path).lastPathComponent
    name = backend.pointee.name.map { Self.line($0) } ?? file
    summary = backend.pointee.description.map { Self.line($0) } ?? file
  }

  /// - Throws: ``PluginFailure`` if the plug-in says that it failed; ``PluginError`` if it gave no answer that
  ///   `rope_backend.h` knows, or wrote where it may not.
  func support(for call: PluginCall) throws -> Support {
    let (status, text) = try run(backend.pointee.supports, call, in: nil, what: "asked for support")
    switch status {
    case Int32(ROPE_OK): return .supported
    case Int32(ROPE_UNSUPPORTED): return .unsupported(reason: text)
    default: throw Self.failure(status, text, what: "asked for support")
    }
  }

  /// Carries out a call.
  ///
  /// - Throws: what ``support(for:)`` throws.
  func apply(_ call: PluginCall, in buffers: [UnsafeMutableRawBufferPointer]) throws {
    let (status, text) = try run(backend.pointee.apply, call, in: buffers, what: "rotating")
    guard status == Int32(ROPE_OK) else { throw Self.failure(status, text, what: "rotating") }
  }

  private typealias Function =
    @convention(c) (UnsafeMutableRawPointer?, UnsafePointer<rope_call>?, UnsafeMutablePointer<rope_error>?) -> Int32

  /// - Throws: ``PluginError`` if the function changes the call.
  private func run(
    _ function: Function?, _ call: PluginCall, in buffers: [UnsafeMutableRawBufferPointer]?, what: String
  ) throws(PluginError) -> (status: Int32, text: String) {
    let ((status, text), change) = lock.withLock {
      call.withCall(in: buffers) { call in
        Self.withError { function?(backend.pointee.state, call, $0) ?? Int32(ROPE_FAILED) }
      }
    }
    if let change {
      throw .failed(what: what, reason: "wrote to the call, which it may only read: it changed \(change)")
    }
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

  // MARK: - Texts

  private static let errorCapacity = 1_024

  /// Calls back with an empty error, then reads its text.
  private static func withError<Result>(
    _ body: (UnsafeMutablePointer<rope_error>) -> Result
  ) -> (result: Result, text: String) {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: errorCapacity) { buffer in
      buffer.initialize(repeating: 0)
      var error = rope_error(
        struct_size: MemoryLayout<rope_error>.size, text: buffer.baseAddress, capacity: errorCapacity)
      let result = body(&error)
      // The text is read from the original buffer, whatever the plug-in did to pointer and capacity.
      let bytes = buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
      let text = line(String(decoding: bytes, as: UTF8.self))
      return (result, text.isEmpty ? "it gives no reason" : text)
    }
  }

  /// A plug-in's text as one line, no longer than the text of an error.
  private static func line(_ start: UnsafePointer<CChar>) -> String {
    let bytes = UnsafeBufferPointer(start: start, count: strnlen(start, errorCapacity)).map { UInt8(bitPattern: $0) }
    return line(String(decoding: bytes, as: UTF8.self))
  }

  private static func line(_ text: String) -> String {
    let printable = text.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : Character($0) }
    return String(printable).trimmingCharacters(in: .whitespaces)
  }
}

/// A plug-in that cannot be used, or did not do what it was asked.
package enum PluginError: BackendBreakdown, Equatable, CustomStringConvertible {
  /// The file is not a shared library, or a library that it needs is missing.
  case notLoaded(path: String, reason: String)
  case noEntryPoint(path: String)
  /// Its entry point returned null.
  case refused(path: String, reason: String)
  case version(path: String, major: UInt32, minor: UInt32)
  case structSize(path: String, found: Int, needed: Int)
  case missingFunction(path: String, name: String)
  /// It ended, hung or wrote nonsense before it was ready.
  case notReady(path: String, reason: String)
  /// A call failed: the action, and the reason.
  case failed(what: String, reason: String)

  package var description: String {
    switch self {
    case .notLoaded(let path, let reason):
      "plug-in '\(path)' cannot be loaded: \(reason)"
    case .noEntryPoint(let path):
      "plug-in '\(path)' does not export rope_backend_get: it must define that function, as rope_backend.h declares it"
    case .refused(let path, let reason):
      "plug-in '\(path)' cannot be used here: \(reason)"
    case .version(let path, PluginLibrary.version.major, let minor):
      "plug-in '\(path)' takes the calls of version \(PluginLibrary.version.major).\(minor) of the interface, but this "
        + "program has \(PluginLibrary.version.major).\(PluginLibrary.version.minor): set minor_version to at most "
        + "\(PluginLibrary.version.minor)"
    case .version(let path, let major, let minor):
      "plug-in '\(path)' has version \(major).\(minor) of the interface, but this program has "
        + "\(PluginLibrary.version.major).\(PluginLibrary.version.minor): the major versions must be the same; compile it "
        + "with the rope_backend.h of this program"
    case .structSize(let path, let found, let needed):
      "plug-in '\(path)' gives its rope_backend a struct_size of \(found): must be at least \(needed), "
        + "sizeof(rope_backend)"
    case .missingFunction(let path, let name):
      "plug-in '\(path)' leaves '\(name)' of its rope_backend null: set it"
    case .notReady(let path, let reason):
      "plug-in '\(path)' did not start: it \(reason)"
    case .failed(let what, let reason):
      "\(what): the plug-in \(reason)"
    }
  }
}
