import Devices
import RoPE
import Testing

@Suite("device path is used", .timeLimit(.minutes(30))) struct DevicePath {
  /// Launches a prompt of three tokens, one query and one key head of 64 channels, on the device under test.
  private func launch(
    _ configuration: Configuration, angles: Angles, cache: KernelCache, input: [Float]
  ) throws -> (evidence: LaunchEvidence, output: [Float]) {
    let device = try Subject.shared.device
    let strides = Strides(.bshd, sequence: 3, heads: 1, headDimension: 64)
    func tensor(output: Int) -> RotatedTensor {
      RotatedTensor(
        sequence: 3, heads: 1, angles: angles, input: TensorView(buffer: 0, strides: strides),
        output: TensorView(buffer: output, strides: strides))
    }
    let call = RotationCall(
      plan: try Plan(configuration), elementType: .float32, batch: 1,
      tensors: PerTensor(query: tensor(output: 1), key: tensor(output: 2)))
    let buffers = try (0..<3).map { _ in try DeviceBuffer(device: device, byteCount: 4 * input.count) }
    try input.withUnsafeBytes { try buffers[0].upload(from: $0) }
    let evidence = try #require(
      try PositionEmbeddings(device: device, cache: cache).launch(call, buffers: buffers))
    var output = [Float](repeating: .nan, count: input.count)
    try output.withUnsafeMutableBytes { try buffers[2].download(into: $0) }
    return (evidence, output)
  }

  private let input = (0..<3 * 64).map { Float($0) - 95.5 }
  private let rotating = Configuration(headDimension: 64, rotaryDimension: 64, pairing: .half, base: 1e4)

  @Test("With RoPE the device counts every token, under a launch number of its own")
  func rotation() throws {
    let cache = KernelCache()
    let first = try launch(rotating, angles: .positions([0, 1, 2]), cache: cache, input: input)
    let second = try launch(rotating, angles: .positions([0, 1, 2]), cache: cache, input: input)
    #expect(first.evidence.tokenCount == 3)
    #expect(first.evidence.launchNumber != second.evidence.launchNumber)
    #expect(first.evidence.deviceName == (try Subject.shared.device.name))
    #expect(first.output == second.output)
    #expect(first.output != input)
  }

  @Test("Without RoPE the device copies; nobody takes a shortcut past it")
  func withoutRoPE() throws {
    let (evidence, output) = try launch(
      .withoutRoPE(headDimension: 64), angles: .none, cache: KernelCache(), input: input)
    #expect(evidence.tokenCount == 3)
    #expect(evidence.uploadedByteCount == 0)
    #expect(output == input)
  }

  @Test("A kernel is loaded once, and a launch uploads angles alone: 3 positions and 32 phase steps of 8 bytes")
  func cacheAndUpload() throws {
    let cache = KernelCache()
    for _ in 0..<3 {
      let (evidence, _) = try launch(rotating, angles: .positions([5, 6, 7]), cache: cache, input: input)
      #expect(evidence.uploadedByteCount == 8 * (3 + 32))
    }
    #expect(cache.loadCount == 1)
    #expect(cache.hitCount == 2)
  }

  @Test("A device that is not there is an error, not another device")
  func unknownDevice() {
    #expect(throws: DeviceError.unknownDevice(name: "gfx9999", available: Device.names)) {
      try Device(named: "gfx9999")
    }
  }
}
