import RoPE
import TestSupport
import Testing

@testable import Devices

/// The code paths of both vendors, on drivers whose GPU is the CPU.
@Suite(.timeLimit(.minutes(30))) struct GPUTests {
  /// A vendor's names for what both vendors have.
  struct Names: Sendable, CustomTestStringConvertible {
    let vendor: GPUVendor
    let target: String
    let allocate, upload, download, clear, synchronize, launch, elapsed, load: String

    var testDescription: String { vendor.rawValue }

    static let all = [
      Names(
        vendor: .nvidia, target: "compute_80", allocate: "cuMemAlloc_v2", upload: "cuMemcpyHtoD_v2",
        download: "cuMemcpyDtoH_v2", clear: "cuMemsetD8_v2", synchronize: "cuEventSynchronize",
        launch: "cuLaunchKernel", elapsed: "cuEventElapsedTime", load: "cuModuleLoadDataEx"),
      Names(
        vendor: .amd, target: "gfx90a", allocate: "hipMalloc", upload: "hipMemcpyHtoD", download: "hipMemcpyDtoH",
        clear: "hipMemset", synchronize: "hipEventSynchronize", launch: "hipModuleLaunchKernel",
        elapsed: "hipEventElapsedTime", load: "hipModuleLoadData"),
    ]
  }

  private func device(_ fake: FakeDriver, _ names: Names, index: Int = 0) throws -> Device {
    let kernels = KernelFinder(folder: try TemporaryFolder.kernels(names.target))
    let driver: any GPUDriver =
      switch names.vendor {
      case .amd: try HIPDriver(libraries: ["no-such-library.so", fake.path], kernels: kernels)
      case .nvidia: try CUDADriver(libraries: ["no-such-library.so", fake.path], kernels: kernels)
      }
    return Device(runtime: try driver.device(index: index))
  }

  @Test("Every element type and contract, with evidence of the driver", arguments: Names.all)
  func rotates(names: Names) throws {
    let fake = try FakeDriver(names.vendor)
    let device = try device(fake, names)
    #expect(device.name == "\(names.vendor.rawValue):0")
    #expect(device.description.hasPrefix("Fake GPU, "), "\(device.description)")
    let cache = KernelCache()
    for elementType in ElementType.allCases {
      for contract in Contract.allCases where contract != .unrotated {
        let trial = try Recipe(elementType: elementType, contract: contract).trial()
        let (after, evidence) = try trial.run(on: PositionEmbeddings(device: device, cache: cache))
        #expect(trial.firstFault(in: after) == nil)
        #expect(evidence.deviceName == device.name)
        #expect(evidence.memory == .gpu(index: 0))
        #expect(evidence.milliseconds.map { abs($0 - 0.005) < 1e-6 } == true)
      }
    }
    #expect(cache.loadCount == 3)
    #expect(fake.allocationCount == 0)
    #expect(fake.calls().filter { $0.hasPrefix(names.load) }.count == 1)
  }

  @Test("One launch for Q and K, one wait, and nothing uploaded but angles", arguments: Names.all)
  func calls(names: Names) throws {
    let fake = try FakeDriver(names.vendor)
    let device = try device(fake, names)
    let call = try Recipe().trial().call
    let buffers = try (0..<4).map { _ in try DeviceBuffer(device: device, byteCount: 2 * 3 * 3 * 64 * 4 + 64) }
    _ = fake.calls()
    _ = try PositionEmbeddings(device: device, cache: KernelCache()).launch(call, buffers: buffers)
    let calls = fake.calls()
    func count(_ name: String) -> Int { calls.filter { $0 == name || $0.hasPrefix("\(name) ") }.count }
    #expect(calls.contains("\(names.launch) position_embeddings_wide_float32 6 × 64"), "\(calls)")
    #expect(count(names.launch) == 1)
    #expect(count(names.synchronize) == 1)
    // Uploads are phase steps and positions; only the record is downloaded.
    #expect(calls.filter { $0.hasPrefix(names.upload) } == ["\(names.upload) 128", "\(names.upload) 48"])
    #expect(calls.filter { $0.hasPrefix(names.download) } == ["\(names.download) 8"])
    #expect(count(names.clear) == 1)
  }

  private func failure(_ names: Names, _ told: String) throws -> DeviceError? {
    let fake = try FakeDriver(names.vendor)
    let device = try device(fake, names)
    fake.tell(told)
    let launcher = PositionEmbeddings(device: device, cache: KernelCache())
    let error = #expect(throws: DeviceError.self, "\(told)") { try Recipe().trial().run(on: launcher) }
    fake.tell("")
    #expect(fake.allocationCount == 0, "\(told)")
    return error
  }

  @Test("Each call that fails is named, with the driver's words", arguments: Names.all)
  func failures(names: Names) throws {
    for function in [
      names.upload, names.download, names.clear, names.synchronize, names.launch, names.elapsed, names.load,
    ] {
      guard case .driver(let call, let device, let reason) = try failure(names, "\(function)=700") else {
        Issue.record("\(function)")
        continue
      }
      #expect(call == function || call.hasPrefix("\(function) of "))
      #expect(device == "\(names.vendor.rawValue):0")
      #expect(reason.contains("(700): it was told to fail"))
    }
    guard case .allocation(_, _, let reason) = try failure(names, "\(names.allocate)=2") else {
      Issue.record("\(names.allocate)")
      return
    }
    #expect(reason.contains("it was told to fail"))
  }

  @Test("A GPU that does nothing, takes no time, or lets the host's memory pass for its own", arguments: Names.all)
  func evidence(names: Names) throws {
    let name = "\(names.vendor.rawValue):0"
    if case .launchNumber(name, 0, _) = try failure(names, "idle=1") {} else { Issue.record("idle") }
    if case .launchTime(name, _, 0) = try failure(names, "microseconds=0") {} else { Issue.record("no time") }
    let host = DeviceError.memoryLocation(device: name, found: .host, expected: .gpu(index: 0))
    #expect(try failure(names, "memory type=1") == host)
    let other = DeviceError.memoryLocation(device: name, found: .gpu(index: 1), expected: .gpu(index: 0))
    #expect(try failure(names, "ordinal=1") == other)
  }

  @Test("The second GPU, and one that is not there", arguments: Names.all)
  func indices(names: Names) throws {
    let fake = try FakeDriver(names.vendor)
    let second = try device(fake, names, index: 1)
    #expect(second.name == "\(names.vendor.rawValue):1")
    #expect(second.description.hasPrefix("Second Fake GPU"))
    let missing = DeviceError.missingDevice(
      name: "\(names.vendor.rawValue):2", reason: "the driver has 2 GPUs, numbered from 0")
    #expect(throws: missing) { try device(fake, names, index: 2) }
  }

  @Test("A driver that is not there, that has no GPU, that does not start", arguments: Names.all)
  func missing(names: Names) throws {
    func reason(_ library: String) throws -> String {
      let error = #expect(throws: DeviceError.self) {
        switch names.vendor {
        case .amd: _ = try HIPDriver(libraries: [library])
        case .nvidia: _ = try CUDADriver(libraries: [library])
        }
      }
      guard case .missingDevice(names.vendor.rawValue, let reason) = error else { return "\(error as Any)" }
      return reason
    }
    #expect(try reason("libnone.so.1").hasPrefix("the loader cannot find libnone.so.1; install "))
    // This library does not have the functions.
    #expect(try reason("libc.so.6").contains("libc.so.6 has no "))
    let prefix = names.vendor == .amd ? "hip" : "cu"
    let fake = try FakeDriver(names.vendor)
    for told in ["\(prefix)Init=100", "count=0"] {
      fake.tell(told)
      #expect(try reason(fake.path).contains("found no GPU"), "\(told)")
    }
    fake.tell("\(prefix)Init=999")
    #expect(try reason(fake.path).contains("(999): it was told to fail"))
  }

  @Test("Code of another source is refused")
  func staleKernel() throws {
    let folder = try TemporaryFolder.kernels("compute_80", digest: "0")
    let driver = try CUDADriver(libraries: [FakeDriver(.nvidia).path], kernels: KernelFinder(folder: folder))
    let device = Device(runtime: try driver.device(index: 0))
    #expect(throws: DeviceError.staleKernel(path: "\(folder.path)/position_embeddings.compute_80.ptx")) {
      try Recipe().trial().run(on: PositionEmbeddings(device: device, cache: KernelCache()))
    }
  }
}
