/// Device memory that is freed with its owner.
///
/// It is aligned to 256 bytes. Its contents are undefined until they are uploaded or written by a launch.
package final class DeviceBuffer {
  /// The device that holds the memory.
  package let device: Device
  /// Its size in bytes.
  package let byteCount: Int
  let address: UnsafeMutableRawPointer

  /// Allocates memory on a device.
  ///
  /// `byteCount` is the size in bytes, at least 0.
  ///
  /// - Throws: ``DeviceError/allocation(byteCount:device:reason:)`` if the device does not have that much.
  package init(device: Device, byteCount: Int) throws(DeviceError) {
    guard byteCount >= 0 else {
      throw .allocation(byteCount: byteCount, device: device.name, reason: "a size must not be negative")
    }
    address = try device.runtime.allocate(byteCount: max(byteCount, 1))
    self.device = device
    self.byteCount = byteCount
  }

  deinit {
    device.runtime.free(address)
  }

  /// The bytes if they are in host memory; nil on a GPU.
  package var hostBytes: UnsafeMutableRawBufferPointer? {
    device.runtime.memory == .host ? UnsafeMutableRawBufferPointer(start: address, count: byteCount) : nil
  }

  /// Copies all bytes of `source` into the buffer, from byte `offset` on.
  ///
  /// - Throws: ``DeviceError/transfer(offset:byteCount:bufferByteCount:)`` if they do not fit; then nothing is written.
  package func upload(from source: UnsafeRawBufferPointer, at offset: Int = 0) throws(DeviceError) {
    try checkRange(offset: offset, count: source.count)
    guard !source.isEmpty else { return }
    try device.runtime.upload(source, to: address + offset)
  }

  /// Fills `target` with the buffer's bytes from byte `offset` on.
  ///
  /// - Throws: ``DeviceError/transfer(offset:byteCount:bufferByteCount:)`` if the buffer has fewer; then nothing is
  ///   written.
  package func download(into target: UnsafeMutableRawBufferPointer, from offset: Int = 0) throws(DeviceError) {
    try checkRange(offset: offset, count: target.count)
    guard !target.isEmpty else { return }
    try device.runtime.download(address + offset, into: target)
  }

  /// Copies the first bytes of another buffer of the same device into this one, several times, and waits once.
  ///
  /// - Returns: the seconds of one copy by the device's own timer, or by the clock if it has none.
  /// - Throws: ``DeviceError/transfer(offset:byteCount:bufferByteCount:)`` if either buffer has fewer bytes.
  package func seconds(copying byteCount: Int, from source: DeviceBuffer, times: Int = 1) throws(DeviceError) -> Double
  {
    try checkRange(offset: 0, count: byteCount)
    try source.checkRange(offset: 0, count: byteCount)
    let start = ContinuousClock.now
    let milliseconds = try device.runtime.copy(source.address, to: address, byteCount: byteCount, times: times)
    let elapsed = (ContinuousClock.now - start) / .seconds(1)
    return (milliseconds.map { $0 / 1e3 } ?? elapsed) / Double(times)
  }

  /// Fills the buffer with repetitions of a block of bytes.
  ///
  /// `block` has at least one byte; it is uploaded once and then copied on the device.
  package func fill(repeating block: [UInt8]) throws(DeviceError) {
    var filled = min(block.count, byteCount)
    do {
      try block.prefix(filled).withUnsafeBytes { try upload(from: $0) }
    } catch let error as DeviceError {
      throw error
    } catch {
      throw .transfer(offset: 0, byteCount: filled, bufferByteCount: byteCount)
    }
    while filled > 0, filled < byteCount {
      let next = min(filled, byteCount - filled)
      _ = try device.runtime.copy(address, to: address + filled, byteCount: next, times: 1)
      filled += next
    }
  }

  /// Sets every byte to zero.
  func clear() throws(DeviceError) {
    try device.runtime.clear(address, byteCount: byteCount)
  }

  private func checkRange(offset: Int, count: Int) throws(DeviceError) {
    // The guard subtracts, because the sum could overflow.
    guard offset >= 0, offset <= byteCount, count <= byteCount - offset else {
      throw .transfer(offset: offset, byteCount: count, bufferByteCount: byteCount)
    }
  }
}
