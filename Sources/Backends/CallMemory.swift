/// The buffers of one call, in host memory.
///
/// For use by one thread at a time, apart from reads.
public final class CallMemory {
  /// The buffers, each aligned to ``alignment`` bytes.
  public let buffers: [UnsafeMutableRawBufferPointer]

  /// The alignment of every buffer in bytes; no device asks for more.
  public static let alignment = 256

  /// Buffers of these sizes in bytes, uninitialised.
  public init(byteCounts: [Int]) {
    buffers = byteCounts.map { .allocate(byteCount: $0, alignment: Self.alignment) }
  }

  deinit {
    for buffer in buffers { buffer.deallocate() }
  }

  /// The sizes of the buffers in bytes.
  public var byteCounts: [Int] { buffers.map(\.count) }
}
