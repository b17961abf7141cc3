import HostKernel
import RoPE

/// Launches the position-embedding kernel on one device.
///
/// There is no other path to a result: anything that the device cannot do is an error.
package struct PositionEmbeddings: Sendable {
  /// The device that runs the kernel.
  package let device: Device
  /// The cache of loaded kernels.
  package let cache: KernelCache

  /// Makes a launcher for one device; launchers may share a cache.
  package init(device: Device, cache: KernelCache) {
    self.device = device
    self.cache = cache
  }

  /// Reports whether the kernel can take a call: a valid one of at most 2^31 − 1 tokens and 1024 channels per head, any
  /// pairs, and angles that are finite in the kernel's arithmetic.
  package func support(for call: RotationCall) -> Support {
    do {
      _ = try KernelLimits.launches(for: call)
      return .supported
    } catch {
      return .unsupported(reason: error.reason)
    }
  }

  /// Rotates Q `[batch, sequence, query heads, D]` and K `[batch, sequence, key heads, D]` in device memory, and waits.
  ///
  /// One launch rotates both if they have the same tokens; otherwise each has its own. A call without tokens has none.
  /// Only the angles are copied to the device: the table's rows that occur, or positions (8 bytes per token and axis,
  /// and 8 for fractions) with float32 frequencies or 64-bit phase steps. To these come 4 bytes per pair for axes unless all are axis 0, and
  /// 16 for channels unless the pairs are one slice of the head in `half` or `interleaved` pairing.
  ///
  /// `call` is the rotation; its views name `buffers` by index. `buffers` is memory on ``device``, each buffer once.
  ///
  /// - Returns: the device's account of its work, checked; nil without tokens.
  /// - Throws: ``CallError`` for a call that no backend can take; ``DeviceError`` if the kernel does not support it, a
  ///   buffer is not of this device or is given twice, the device has no memory left, or it did not do the work.
  /// - Complexity: O(batch · sequence · heads · D).
  package func launch(_ call: RotationCall, buffers: [DeviceBuffer]) throws -> LaunchEvidence? {
    let evidence = try prepare(call, buffers: buffers).map { try $0.launch() }
    return evidence.dropFirst().reduce(evidence.first) { $0?.followed(by: $1) }
  }

  /// Uploads the data that a call needs besides Q and K, and checks everything, so that it can be launched repeatedly.
  ///
  /// - Returns: the launches of the call, in order.
  /// - Throws: the same as ``launch(_:buffers:)``.
  package func prepare(_ call: RotationCall, buffers: [DeviceBuffer]) throws -> [PreparedLaunch] {
    try call.validate(bufferByteCounts: buffers.map(\.byteCount))
    let launches = try launches(for: call)
    try check(buffers)
    return try launches.map { try PreparedLaunch($0, buffers: buffers, on: device, cache: cache) }
  }

  private func launches(for call: RotationCall) throws(DeviceError) -> [JointCall] {
    do {
      return try KernelLimits.launches(for: call)
    } catch {
      throw .unsupported(reason: error.reason)
    }
  }

  /// Checks that the buffers are on this device and distinct: validation assumes that two buffers are separate memory.
  private func check(_ buffers: [DeviceBuffer]) throws(DeviceError) {
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
