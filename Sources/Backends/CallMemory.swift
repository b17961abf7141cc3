/// The buffers of one call, in host memory.
///
/// For use by one thread at a time, apart from reads.
public final class CallMemory {
  /// The buffers, each aligned to ``alignment`` bytes.
  public let buffers: [UnsafeMutableRawBufferPointer]

  private let release: () -> Void

  /// The alignment of every buffer in bytes; no device asks for more.
  public static let alignment = 256

  /// Buffers of these sizes in bytes, uninitialised.
  public init(byteCounts: [Int]) {
    let buffers = byteCounts.map {
      UnsafeMutableRawBufferPointer.allocate(byteCount: $0, alignment: Self.alignment)
    }
    self.buffers = buffers
    release = { for buffer in buffers { buffer.deallocate() } }
  }

  /// Buffers that were made elsewhere, aligned to ``alignment`` bytes.
  ///
  /// - Parameter release: is called once nobody uses them any more.
  public init(buffers: [UnsafeMutableRawBufferPointer], release: @escaping () -> Void) {
    self.buffers = buffers
    self.release = release
  }

  deinit { release() }

  /// The sizes of the buffers in bytes.
  public var byteCounts: [Int] { buffers.map(\.count) }
}
