import RoPE

/// The buffers of one call: in host memory, or on a device to which bytes are copied.
///
/// The suite reads and writes different parts from several threads at once, but not while the backend rotates.
public final class CallMemory: @unchecked Sendable {
  /// The sizes of the buffers in bytes.
  package let byteCounts: [Int]
  /// The buffers, each aligned to ``TensorView/bufferAlignment``; empty if they are not in host memory.
  public let buffers: [UnsafeMutableRawBufferPointer]
  /// The object that owns the buffers; a backend that made them can recognise it by its type.
  let owner: AnyObject
  private let remote: (any RemoteMemory)?

  /// Buffers of these sizes in bytes, uninitialised.
  package convenience init(byteCounts: [Int]) {
    let allocation = Allocation(byteCounts)
    self.init(buffers: allocation.buffers, owner: allocation)
  }

  /// Wraps buffers that were made elsewhere, aligned to ``TensorView/bufferAlignment``.
  ///
  /// `owner` is kept while the buffers are in use, and releases them when it is deallocated.
  package init(buffers: [UnsafeMutableRawBufferPointer], owner: AnyObject) {
    self.buffers = buffers
    self.owner = owner
    byteCounts = buffers.map(\.count)
    remote = nil
  }

  /// Wraps buffers that are not in host memory.
  package init(_ remote: some RemoteMemory) {
    buffers = []
    owner = remote
    byteCounts = remote.byteCounts
    self.remote = remote
  }

  /// Copies bytes into a buffer.
  ///
  /// - Throws: any error of the device.
  package func write(_ bytes: UnsafeRawBufferPointer, to buffer: Int, at offset: Int) throws {
    if let remote { return try remote.write(bytes, to: buffer, at: offset) }
    UnsafeMutableRawBufferPointer(rebasing: buffers[buffer][offset..<offset + bytes.count]).copyMemory(from: bytes)
  }

  /// Copies bytes out of a buffer.
  ///
  /// - Throws: any error of the device.
  package func read(_ buffer: Int, at offset: Int, into bytes: UnsafeMutableRawBufferPointer) throws {
    if let remote { return try remote.read(buffer, at: offset, into: bytes) }
    bytes.copyMemory(from: UnsafeRawBufferPointer(rebasing: buffers[buffer][offset..<offset + bytes.count]))
  }

  private final class Allocation {
    let buffers: [UnsafeMutableRawBufferPointer]

    init(_ byteCounts: [Int]) {
      buffers = byteCounts.map {
        UnsafeMutableRawBufferPointer.allocate(byteCount: $0, alignment: TensorView.bufferAlignment)
      }
    }

    deinit { for buffer in buffers { buffer.deallocate() } }
  }
}

/// Buffers that the host can access only by copying.
package protocol RemoteMemory: AnyObject {
  var byteCounts: [Int] { get }
  func write(_ bytes: UnsafeRawBufferPointer, to buffer: Int, at offset: Int) throws
  func read(_ buffer: Int, at offset: Int, into bytes: UnsafeMutableRawBufferPointer) throws
}
