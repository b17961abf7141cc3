import Devices
import RoPE

/// The HIP kernel of this package on one device.
///
/// Q and K are in device memory from the beginning.
package struct KernelBackend: MemoryMakingBackend {
  private let kernel: PositionEmbeddings

  /// The kernel on a device.
  package init(device: Device, cache: KernelCache = KernelCache()) {
    kernel = PositionEmbeddings(device: device, cache: cache)
  }

  package var name: String { "hip" }
  package var deviceName: String? { kernel.device.name }
  package var summary: String { "HIP kernel position_embeddings on \(kernel.device.description)" }

  package func support(for call: RotationCall) -> Support { kernel.support(for: call) }

  package func makeMemory(byteCounts: [Int]) throws -> CallMemory {
    let memory = DeviceMemory(
      try byteCounts.map { byteCount in try DeviceBuffer(device: kernel.device, byteCount: byteCount) })
    let host = memory.buffers.compactMap(\.hostBytes)
    return host.count == memory.buffers.count ? CallMemory(buffers: host, owner: memory) : CallMemory(memory)
  }

  package func rotate(_ call: RotationCall, in memory: CallMemory) throws -> Evidence? {
    guard let memory = memory.owner as? DeviceMemory else {
      throw DeviceError.unsupported(reason: "the memory of a call must come from the backend's makeMemory")
    }
    return try kernel.launch(call, buffers: memory.buffers).map {
      Evidence(
        deviceName: $0.deviceName, tokenCount: $0.tokenCount, launchNumber: $0.launchNumber,
        milliseconds: $0.milliseconds)
    }
  }
}

/// The buffers of one call on a device.
private final class DeviceMemory: RemoteMemory {
  let buffers: [DeviceBuffer]

  init(_ buffers: [DeviceBuffer]) { self.buffers = buffers }

  var byteCounts: [Int] { buffers.map(\.byteCount) }

  func write(_ bytes: UnsafeRawBufferPointer, to buffer: Int, at offset: Int) throws {
    try buffers[buffer].upload(from: bytes, at: offset)
  }

  func read(_ buffer: Int, at offset: Int, into bytes: UnsafeMutableRawBufferPointer) throws {
    try buffers[buffer].download(into: bytes, from: offset)
  }
}
