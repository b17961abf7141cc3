/// The buffers of one call, in host memory.
///
/// For use by one thread at a time, apart from reads.
public final class CallMemory {
  /// The buffers, each aligned to ``alignment`` bytes.
  public let buffers: [UnsafeMutableRawBufferPointer]

  /// What the buffers belong to where a backend made them, which may know it by its type.
  let owner: AnyObject

  /// The alignment of every buffer in bytes; no device asks for more.
  public static let alignment = 256

  /// Buffers of these sizes in bytes, uninitialised.
  public init(byteCounts: [Int]) {
    let allocation = Allocation(byteCounts)
    buffers = allocation.buffers
    owner = allocation
  }

  /// Buffers that were made elsewhere, aligned to ``alignment`` bytes.
  ///
  /// - Parameter owner: is kept as long as somebody uses the buffers, and releases them at its end.
  public init(buffers: [UnsafeMutableRawBufferPointer], owner: AnyObject) {
    self.buffers = buffers
    self.owner = owner
  }

  /// The sizes of the buffers in bytes.
  public var byteCounts: [Int] { buffers.map(\.count) }

  private final class Allocation {
    let buffers: [UnsafeMutableRawBufferPointer]

    init(_ byteCounts: [Int]) {
      buffers = byteCounts.map {
        UnsafeMutableRawBufferPointer.allocate(byteCount: $0, alignment: CallMemory.alignment)
      }
    }

    deinit { for buffer in buffers { buffer.deallocate() } }
  }
}
