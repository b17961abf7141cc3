import HostKernel
import RoPE

/// Launches the position-embedding kernel on one device.
///
/// There is no other path to a result: what the device cannot do is an error.
public struct PositionEmbeddings: Sendable {
  /// Where the kernel runs.
  public let device: Device
  /// Where loaded kernels are kept.
  public let cache: KernelCache

  /// A launcher for one device; launchers may share a cache.
  public init(device: Device, cache: KernelCache) {
    self.device = device
    self.cache = cache
  }

  /// Whether the kernel can take a call: at most 1024 channels per head and 2^31 − 1 tokens, any pairs, and angles
  /// that are finite in the kernel's arithmetic. A call that no backend can take is for
  /// ``RotationCall/validate(bufferByteCounts:)`` to refuse.
  public func support(for call: RotationCall) -> Support {
    do {
      try KernelLimits.check(call)
      return .supported
    } catch {
      return .unsupported(reason: error.reason)
    }
  }

  /// Rotates Q `[batch, sequence, query heads, D]` and K `[batch, sequence, key heads, D]` in device memory, in one
  /// launch of one block per token, and waits for it.
  ///
  /// Only the angles are copied to the device: the table's rows that occur, or positions (8 bytes per token and axis)
  /// with float32 frequencies or 64-bit phase steps; and 4 bytes per pair for its axis and 16 for its channels, where
  /// not all are on axis 0 or they are not one slice of the head in `half` or `interleaved` pairing.
  ///
  /// - Parameter call: what to rotate; its views name `buffers` by index.
  /// - Parameter buffers: memory on ``device``, each buffer once.
  /// - Returns: what the device says about its work, already checked.
  /// - Throws: ``CallError`` for a call that no backend can take; ``HIPError`` where the kernel does not support it,
  ///   a buffer does not belong, the device has no memory left, or the device did not do the work.
  /// - Complexity: O(batch · sequence · heads · D).
  public func launch(_ call: RotationCall, buffers: [DeviceBuffer]) throws -> LaunchEvidence {
    try prepare(call, buffers: buffers).launch()
  }

  /// Uploads what a call needs beside Q and K, and checks everything, so that it can be launched any number of times.
  ///
  /// - Throws: as ``launch(_:buffers:)``.
  public func prepare(_ call: RotationCall, buffers: [DeviceBuffer]) throws -> PreparedLaunch {
    try call.validate(bufferByteCounts: buffers.map(\.byteCount))
    try checkLimits(of: call)
    try check(buffers)
    return try PreparedLaunch(call, buffers: buffers, on: device, cache: cache)
  }

  private func checkLimits(of call: RotationCall) throws(HIPError) {
    do {
      try KernelLimits.check(call)
    } catch {
      throw .unsupported(reason: error.reason)
    }
  }

  /// Validation takes two buffers for two places in memory.
  private func check(_ buffers: [DeviceBuffer]) throws(HIPError) {
    var indices: [ObjectIdentifier: Int] = [:]
    for (index, buffer) in buffers.enumerated() {
      guard buffer.device == device else {
        throw .foreignBuffer(index: index, device: buffer.device.name, launcher: device.name)
      }
      if let first = indices.updateValue(index, forKey: ObjectIdentifier(buffer)) {
        throw .sameBuffer(first: first, second: index)
      }
    }
  }
}
