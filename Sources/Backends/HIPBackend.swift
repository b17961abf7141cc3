public import HIP
public import RoPE

/// The HIP kernel of this package on one device.
public struct HIPBackend: RoPEBackend {
  private let kernel: PositionEmbeddings

  /// The kernel on a device.
  public init(device: Device, cache: KernelCache = KernelCache()) {
    kernel = PositionEmbeddings(device: device, cache: cache)
  }

  public var name: String { "hip" }
  public var deviceName: String? { kernel.device.name }
  public var summary: String { "HIP kernel position_embeddings on \(kernel.device.description)" }

  public func support(for call: RotationCall) -> Support { kernel.support(for: call) }

  public func rotate(_ call: RotationCall, in memory: CallMemory) throws -> Evidence? {
    let buffers = try memory.buffers.map { host in
      let buffer = try DeviceBuffer(device: kernel.device, byteCount: host.count)
      try buffer.upload(from: UnsafeRawBufferPointer(host))
      return buffer
    }
    let evidence = try kernel.launch(call, buffers: buffers)
    for (buffer, host) in zip(buffers, memory.buffers) { try buffer.download(into: host) }
    return Evidence(evidence)
  }
}

extension Evidence {
  /// What the device says about a launch of the kernel.
  public init(_ evidence: LaunchEvidence) {
    self.init(
      deviceName: evidence.deviceName, tokenCount: evidence.tokenCount, launchNumber: evidence.launchNumber,
      milliseconds: evidence.milliseconds)
  }
}
