import CRoPEBackend
import CRoPEJudge
import Foundation
import RoPE
import Synchronization

/// A backend in this process, by functions that the caller of the judge gives.
///
/// A crash of it is a crash of the process.
package final class CallerBackend: MemoryMakingBackend, CallLimitedBackend {
  package let name: String
  package let summary: String

  private let functions: PluginFunctions
  private let converted: CallConversion
  private let memory: CallerMemory.Functions?
  private let mayRefuse: Bool

  /// Wraps functions, which must outlive the object.
  ///
  /// Without `memory`, tensors are in host memory. The struct is copied; its functions must outlive the object too.
  ///
  /// `mayRefuse` says whether the backend may say only when it is called that it does not support a call.
  ///
  /// - Throws: ``InterfaceError``.
  package init(
    _ backend: UnsafePointer<rope_backend>, memory: UnsafePointer<rope_memory>? = nil, mayRefuse: Bool = false
  ) throws(InterfaceError) {
    self.mayRefuse = mayRefuse
    functions = try PluginFunctions(backend, lock: BackendLocks.lock(of: backend))
    self.memory = try memory.map { memory throws(InterfaceError) in try CallerMemory.Functions(memory) }
    converted = CallConversion(minorVersion: functions.minorVersion)
    name = functions.name ?? "unnamed"
    summary = functions.summary ?? name
  }

  package var refusesInvalidCalls: Bool { true }

  package func support(for call: RotationCall) throws -> Support {
    if let reason = limit(for: call) { return .unsupported(reason: reason) }
    return try functions.support(for: converted(call))
  }

  package func makeMemory(byteCounts: [Int]) throws -> CallMemory {
    guard let memory else { return CallMemory(byteCounts: byteCounts) }
    return CallMemory(try CallerMemory(byteCounts: byteCounts, of: name, memory))
  }

  package func rotate(_ call: RotationCall, in memory: CallMemory) throws -> Evidence? {
    if let reason = limit(for: call) {
      throw PluginError.failed(what: "rotating", reason: "cannot be given this call: \(reason)")
    }
    let bases = (memory.owner as? CallerMemory)?.bases ?? memory.buffers.map(\.baseAddress)
    try functions.apply(converted(call), at: bases, mayRefuse: mayRefuse)
    return nil
  }

  package func limit(for call: RotationCall) -> String? { converted.limit(for: call) }
}

/// The locks of all backends that are in use, so that two runs of one backend do not call it at once.
private enum BackendLocks {
  private struct Entry: Sendable {
    weak var lock: NSLock?
  }

  private static let entries = Mutex<[UInt: Entry]>([:])

  static func lock(of backend: UnsafePointer<rope_backend>) -> NSLock {
    entries.withLock { entries in
      let address = UInt(bitPattern: backend)
      if let lock = entries[address]?.lock { return lock }
      let lock = NSLock()
      entries = entries.filter { $0.value.lock != nil }
      entries[address] = Entry(lock: lock)
      return lock
    }
  }
}
