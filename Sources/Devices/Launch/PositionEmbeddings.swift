import HostKernel
import RoPE

/// Launches the position-embedding kernel on one device.
///
/// There is no other path to a result: what the device cannot do is an error.
package struct PositionEmbeddings: Sendable {
  /// Where the kernel runs.
  package let device: Device
  /// Where loaded kernels are kept.
  package let cache: KernelCache

  /// A launcher for one device; launchers may share a cache.
  package init(device: Device, cache: KernelCache) {
    self.device = device
    self.cache = cache
  }

  /// Whether the kernel can take a call: Q and K by the same angles, at most 1024 channels per head and 2^31 − 1 tokens,
  /// any pairs, integer positions, and angles that are finite in the kernel's arithmetic. A call that no backend can take is for
  /// ``RotationCall/validate(bufferByteCounts:)`` to refuse.
  package func support(for call: RotationCall) -> Support {
    do {
      _ = try KernelLimits.jointCall(call)
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
  /// - Throws: ``CallError`` for a call that no backend can take; ``DeviceError`` where the kernel does not support it,
  ///   a buffer does not belong, the device has no memory left, or the device did not do the work.
  /// - Complexity: O(batch · sequence · heads · D).
  package func launch(_ call: RotationCall, buffers: [DeviceBuffer]) throws -> LaunchEvidence {
    try prepare(call, buffers: buffers).launch()
  }

  /// Uploads what a call needs beside Q and K, and checks everything, so that it can be launched any number of times.
  ///
  /// - Throws: as ``launch(_:buffers:)``.
  package func prepare(_ call: RotationCall, buffers: [DeviceBuffer]) throws -> PreparedLaunch {
    try call.validate(bufferByteCounts: buffers.map(\.byteCount))
    let joint = try jointCall(call)
    try check(buffers)
    return try PreparedLaunch(joint, buffers: buffers, on: device, cache: cache)
  }

  private func jointCall(_ call: RotationCall) throws(DeviceError) -> JointCall {
    do {
      return try KernelLimits.jointCall(call)
    } catch {
      throw .unsupported(reason: error.reason)
    }
  }

  /// Validation takes two buffers for two pieces of memory.
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
