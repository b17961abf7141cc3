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

  /// Whether the kernel can take a call: at most 1024 channels per head and 2^31 − 1 tokens, pairs that are a slice of
  /// channels in `half` or `interleaved` pairing on position axis 0, and angles that are finite in the kernel's
  /// arithmetic. A call that no backend can take is for ``RotationCall/validate(bufferByteCounts:)`` to refuse.
  public func support(for call: RotationCall) -> Support {
    do {
      _ = try KernelLimits.slice(of: call)
      return .supported
    } catch {
      return .unsupported(reason: error.reason)
    }
  }

  /// Rotates Q `[batch, sequence, query heads, D]` and K `[batch, sequence, key heads, D]` in device memory, in one
  /// launch of one block per token, and waits for it.
  ///
  /// Only the angles are copied to the device: the table's rows that occur, or positions (8 bytes per token) with
  /// float32 frequencies or 64-bit phase steps.
  ///
  /// - Parameter call: what to rotate; its views name `buffers` by index.
  /// - Parameter buffers: memory on ``device``, each buffer once.
  /// - Returns: what the device wrote about its work, already checked.
  /// - Throws: ``CallError`` for a call that no backend can take; ``HIPError`` where the kernel does not support it,
  ///   a buffer does not belong, the device has no memory left, or the device did not do the work.
  /// - Complexity: O(batch · sequence · heads · D).
  public func launch(_ call: RotationCall, buffers: [DeviceBuffer]) throws -> LaunchEvidence {
    try call.validate(bufferByteCounts: buffers.map(\.byteCount))
    let slice = try supportedSlice(of: call)
    try check(buffers)
    let kernel = try cache.kernel(for: device, elementType: call.elementType)
    let record = try DeviceBuffer(device: device, byteCount: MemoryLayout<RopeLaunchRecord>.size)
    try record.clear()
    let number = LaunchNumber.next()
    var arguments = RopeArguments(call, slice: slice, buffers: buffers)
    arguments.record = record.address.assumingMemoryBound(to: RopeLaunchRecord.self)
    arguments.launch = number
    let angles = try AngleUpload(of: call, to: device, in: &arguments)
    try withExtendedLifetime((buffers, angles.buffers, record)) {
      try kernel.launch(arguments, blocks: call.tokenCount)
      try device.runtime.synchronize()
    }
    var written = RopeLaunchRecord()
    try withUnsafeMutableBytes(of: &written) { try record.download(into: $0) }
    return try LaunchEvidence(
      record: written, deviceName: device.name, launchNumber: number, tokenCount: call.tokenCount,
      uploadedByteCount: angles.byteCount)
  }

  private func supportedSlice(of call: RotationCall) throws(HIPError) -> RotarySlice {
    do {
      return try KernelLimits.slice(of: call)
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
