/// What a process that is not trusted may use.
public struct ProcessLimits: Sendable, Equatable {
  /// Seconds for one function of a plug-in, for one case of a program, or to load.
  public var seconds: Double
  /// Bytes of private memory.
  ///
  /// Not counted are shared memory, which the buffers of a call are in, mapped files, the memory of devices, and address
  /// space that is only reserved.
  public var memoryByteCount: Int

  /// A minute and 8 GiB unless said otherwise.
  public init(seconds: Double = 60, memoryByteCount: Int = 8 << 30) {
    self.seconds = seconds
    self.memoryByteCount = memoryByteCount
  }
}
