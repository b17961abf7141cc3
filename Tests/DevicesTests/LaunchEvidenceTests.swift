import HostKernel
import RoPE
import Testing

@testable import Devices

@Suite(.timeLimit(.minutes(30))) struct LaunchEvidenceTests {
  /// Launches six tokens on a device that does something other than requested.
  private func launch(tamper: @escaping @Sendable (inout RopeArguments, inout Int) -> Void) throws {
    let device = Device(runtime: DoctoredRuntime(tamper: tamper))
    _ = try Recipe().trial().run(on: PositionEmbeddings(device: device, cache: KernelCache()))
  }

  private func failure(_ tamper: @escaping @Sendable (inout RopeArguments, inout Int) -> Void) -> DeviceError? {
    #expect(throws: DeviceError.self) { try launch(tamper: tamper) }
  }

  @Test("A device that leaves out a block, does one twice, or does nothing is found out")
  func deviceThatDoesNotWork() throws {
    let missing = failure { $1 -= 1 }
    if case .blockCount("doctored", _, 5, 6) = missing {} else { Issue.record("a block left out") }
    let twice = failure { arguments, _ in rope_host_run_blocks(&arguments, 3, 4, 1) }
    if case .blockCount("doctored", _, 7, 6) = twice {} else { Issue.record("a block done twice") }
    let idle = failure { $1 = 0 }
    if case .launchNumber("doctored", 0, _) = idle {} else { Issue.record("nothing done") }
  }

  @Test("The record of another launch is found out")
  func otherLaunch() throws {
    let error = failure { arguments, _ in arguments.launch &+= 1 }
    if case .launchNumber("doctored", let found, let expected) = error {
      #expect(found == expected + 1)
    } else {
      Issue.record("not found out")
    }
  }

  /// A device with only a name and a location of its memory.
  private struct Named: DeviceRuntime {
    let name = "d"
    let description = "a device by name"
    let vendor: GPUVendor? = nil
    let waveSize = 1
    let memory: MemoryLocation
    private let host = HostRuntime()

    init(memory: MemoryLocation) { self.memory = memory }

    func allocate(byteCount: Int) throws(DeviceError) -> UnsafeMutableRawPointer {
      try host.allocate(byteCount: byteCount)
    }
    func free(_ address: UnsafeMutableRawPointer) { host.free(address) }
    func upload(_ source: UnsafeRawBufferPointer, to address: UnsafeMutableRawPointer) {}
    func download(_ address: UnsafeRawPointer, into target: UnsafeMutableRawBufferPointer) {}
    func clear(_ address: UnsafeMutableRawPointer, byteCount: Int) {}
    func copy(
      _ source: UnsafeRawPointer, to target: UnsafeMutableRawPointer, byteCount: Int, times: Int
    ) -> Double? { nil }
    func freeByteCount() -> Int { 0 }
    func kernelCompiler() -> String { "none" }
    func location(of address: UnsafeRawPointer) -> MemoryLocation { memory }
    func loadKernel(_ name: KernelName) -> any LoadedKernel { HostLaunch(workers: 1) }
  }

  private func evidence(
    _ record: RopeLaunchRecord = RopeLaunchRecord(blocks: 4, launch: 9), memory: MemoryLocation = .gpu(index: 1),
    locations: [MemoryLocation] = [.gpu(index: 1), .gpu(index: 1)], milliseconds: Double? = 0.5
  ) throws(DeviceError) -> LaunchEvidence {
    try LaunchEvidence(
      record: record, device: Device(runtime: Named(memory: memory)), launchNumber: 9, tokenCount: 4,
      uploadedByteCount: 12, locations: locations, milliseconds: milliseconds)
  }

  @Test("The record decides, not the launcher")
  func checksTheRecord() throws {
    let accepted = try evidence()
    #expect(accepted.deviceName == "d")
    #expect(accepted.launchNumber == 9)
    #expect(accepted.blockCount == 4)
    #expect(accepted.uploadedByteCount == 12)
    #expect(accepted.memory == .gpu(index: 1))
    #expect(accepted.milliseconds == 0.5)
    #expect(throws: DeviceError.blockCount(device: "d", launch: 9, found: 3, expected: 4)) {
      try evidence(RopeLaunchRecord(blocks: 3, launch: 9))
    }
    #expect(throws: DeviceError.launchNumber(device: "d", found: 8, expected: 9)) {
      try evidence(RopeLaunchRecord(blocks: 4, launch: 8))
    }
  }

  @Test(
    "Q or K in the memory of the host or of another GPU is found out", arguments: [MemoryLocation.host, .gpu(index: 0)])
  func otherMemory(location: MemoryLocation) {
    #expect(throws: DeviceError.memoryLocation(device: "d", found: location, expected: .gpu(index: 1))) {
      try evidence(locations: [.gpu(index: 1), location])
    }
  }

  @Test("A GPU whose timer did not run did nothing; the host has none", arguments: [nil, 0, -1])
  func noTime(milliseconds: Double?) throws {
    #expect(throws: DeviceError.launchTime(device: "d", launch: 9, milliseconds: milliseconds)) {
      try evidence(milliseconds: milliseconds)
    }
    #expect(try evidence(memory: .host, locations: [.host], milliseconds: nil).milliseconds == nil)
  }

  @Test("The account of two launches is their sum, under the number of the later one")
  func twoLaunches() throws {
    let later = try LaunchEvidence(
      record: RopeLaunchRecord(blocks: 6, launch: 10), device: Device(runtime: Named(memory: .gpu(index: 1))),
      launchNumber: 10, tokenCount: 3, blocksPerToken: 2, uploadedByteCount: 5, locations: [.gpu(index: 1)],
      milliseconds: 0.25)
    let both = try evidence().followed(by: later)
    #expect(both.launchNumber == 10 && both.blockCount == 10 && both.tokenCount == 7)
    #expect(both.uploadedByteCount == 17 && both.milliseconds == 0.75 && both.memory == .gpu(index: 1))
  }

  @Test("Launch numbers are never 0 and never the same")
  func numbers() async {
    let numbers = await withTaskGroup(of: [UInt32].self) { group in
      for _ in 0..<4 { group.addTask { (0..<1_000).map { _ in LaunchNumber.next() } } }
      return await group.reduce(into: []) { $0 += $1 }
    }
    #expect(Set(numbers).count == 4_000)
    #expect(!numbers.contains(0))
  }
}
