import CRoPEBackend
import CRoPEJudge
import Devices
import Foundation
import RoPE

/// The buffers of one call in memory that the caller of the judge allocates, such as that of a GPU.
final class CallerMemory: RemoteMemory {
  let byteCounts: [Int]
  /// The beginnings of the buffers, which only the caller's functions can access.
  private(set) var bases: [UnsafeMutableRawPointer?] = []
  private let functions: Functions

  /// Allocates buffers of these sizes.
  ///
  /// `owner` names the backend in messages.
  ///
  /// - Throws: `DeviceError/allocation(byteCount:device:reason:)` if there is not so much memory,
  ///   ``CallerMemoryError`` if a function fails.
  init(byteCounts: [Int], of owner: String, _ functions: Functions) throws {
    self.byteCounts = byteCounts
    self.functions = functions
    for count in byteCounts { bases.append(try functions.allocate(count, of: owner)) }
  }

  deinit {
    for base in bases { functions.release(functions.state, base) }
  }

  func write(_ bytes: UnsafeRawBufferPointer, to buffer: Int, at offset: Int) throws {
    try functions.check("write", "writing \(bytes.count) bytes at offset \(offset)") {
      functions.write(functions.state, bases[buffer], offset, bytes.baseAddress, bytes.count, $0)
    }
  }

  func read(_ buffer: Int, at offset: Int, into bytes: UnsafeMutableRawBufferPointer) throws {
    try functions.check("read", "reading \(bytes.count) bytes at offset \(offset)") {
      functions.read(functions.state, bases[buffer], offset, bytes.baseAddress, bytes.count, $0)
    }
  }

  /// The functions of a `rope_memory`, all of which are there.
  struct Functions: @unchecked Sendable {
    typealias Error = UnsafeMutablePointer<rope_error>
    fileprivate let state: UnsafeMutableRawPointer?
    fileprivate let write:
      @convention(c) (
        UnsafeMutableRawPointer?, UnsafeMutableRawPointer?, Int, UnsafeRawPointer?, Int, Error?
      ) -> Int32
    fileprivate let read:
      @convention(c) (
        UnsafeMutableRawPointer?, UnsafeRawPointer?, Int, UnsafeMutableRawPointer?, Int, Error?
      ) -> Int32
    fileprivate let release: @convention(c) (UnsafeMutableRawPointer?, UnsafeMutableRawPointer?) -> Void
    private let allocate:
      @convention(c) (UnsafeMutableRawPointer?, Int, UnsafeMutablePointer<UnsafeMutableRawPointer?>?, Error?) -> Int32

    /// - Throws: ``InterfaceError``.
    init(_ pointer: UnsafePointer<rope_memory>) throws(InterfaceError) {
      let size = pointer.pointee.struct_size
      guard size >= MemoryLayout<rope_memory>.size else { throw .structSize(of: rope_memory.self, found: size) }
      let memory = pointer.pointee
      func needed<Function>(_ function: Function?, _ name: String) throws(InterfaceError) -> Function {
        guard let function else { throw .missingFunction(name, of: rope_memory.self) }
        return function
      }
      state = memory.state
      allocate = try needed(memory.allocate, "allocate")
      write = try needed(memory.write, "write")
      read = try needed(memory.read, "read")
      release = try needed(memory.release, "release")
    }

    fileprivate func allocate(_ byteCount: Int, of owner: String) throws -> UnsafeMutableRawPointer {
      var data: UnsafeMutableRawPointer?
      let (status, text) = rope_error.reading { allocate(state, byteCount, &data, $0) }
      if status == Int32(ROPE_UNSUPPORTED) {
        throw DeviceError.allocation(byteCount: byteCount, device: owner, reason: text)
      }
      let what = "allocating \(byteCount) bytes"
      try Self.check(status, text, "allocate", what)
      guard let data else { throw CallerMemoryError("\(what): 'allocate' of the rope_memory left data null: set it") }
      guard Int(bitPattern: data) % TensorView.bufferAlignment == 0 else {
        release(state, data)
        throw CallerMemoryError(
          "\(what): 'allocate' of the rope_memory gave the address \(data): must be a multiple of "
            + "\(TensorView.bufferAlignment)")
      }
      return data
    }

    fileprivate func check(_ name: String, _ what: String, _ body: (Error) -> Int32) throws(CallerMemoryError) {
      let (status, text) = rope_error.reading(body)
      try Self.check(status, text, name, what)
    }

    private static func check(
      _ status: Int32, _ text: String, _ name: String, _ what: String
    ) throws(CallerMemoryError) {
      switch status {
      case Int32(ROPE_OK): return
      case Int32(ROPE_FAILED): throw CallerMemoryError("\(what): '\(name)' of the rope_memory failed: \(text)")
      default:
        throw CallerMemoryError(
          "\(what): '\(name)' of the rope_memory returned \(status), which is not one of its statuses")
      }
    }
  }
}

/// A function of a `rope_memory` that failed: the function, the bytes, and its reason.
struct CallerMemoryError: BackendBreakdown, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}
