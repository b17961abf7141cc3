import HostKernel
import RoPE
import Synchronization

@testable import Devices

/// The host with its operations counted; it can be told to do something other than requested.
final class DoctoredRuntime: DeviceRuntime {
  struct Counts {
    var uploadedBytes = 0
    var loads = 0
    /// Launch by launch, true if the kernel was a wide one.
    var wide: [Bool] = []
    /// Bytes of a group of the host's kernel, launch by launch.
    var groupBytes: [Int] = []
  }

  let name: String
  let description = "host under observation"
  let vendor: GPUVendor? = nil
  let memory = MemoryLocation.host
  let waveSize = 1
  private let host = HostRuntime()
  private let blocksPerToken: Int
  fileprivate let kernel: HostLaunch
  fileprivate let tamper: @Sendable (inout RopeArguments, inout Int) -> Void
  fileprivate let state = Mutex(Counts())

  init(
    name: String = "doctored", workers: Int = 2, blockSize: UInt32 = 1, blocksPerToken: Int = 1,
    tamper: @escaping @Sendable (inout RopeArguments, inout Int) -> Void = { _, _ in }
  ) {
    self.name = name
    self.blocksPerToken = blocksPerToken
    kernel = HostLaunch(workers: workers, blockSize: blockSize)
    self.tamper = tamper
  }

  var counts: Counts { state.withLock { $0 } }

  func shape(tokens: Int, _ arguments: RopeArguments) -> LaunchShape {
    LaunchShape(tokens: tokens, blocksPerToken: blocksPerToken)
  }

  func allocate(byteCount: Int) throws(DeviceError) -> UnsafeMutableRawPointer {
    try host.allocate(byteCount: byteCount)
  }
  func free(_ address: UnsafeMutableRawPointer) { host.free(address) }
  func upload(_ source: UnsafeRawBufferPointer, to address: UnsafeMutableRawPointer) {
    state.withLock { $0.uploadedBytes += source.count }
    host.upload(source, to: address)
  }
  func download(_ address: UnsafeRawPointer, into target: UnsafeMutableRawBufferPointer) {
    host.download(address, into: target)
  }
  func clear(_ address: UnsafeMutableRawPointer, byteCount: Int) { host.clear(address, byteCount: byteCount) }
  func copy(
    _ source: UnsafeRawPointer, to target: UnsafeMutableRawPointer, byteCount: Int, times: Int
  ) -> Double? { host.copy(source, to: target, byteCount: byteCount, times: times) }
  func freeByteCount() -> Int { host.freeByteCount() }
  func kernelCompiler() -> String { host.kernelCompiler() }
  func location(of address: UnsafeRawPointer) -> MemoryLocation { .host }
  func loadKernel(_ name: KernelName) -> any LoadedKernel {
    state.withLock { $0.loads += 1 }
    return DoctoredKernel(runtime: self)
  }
}

private struct DoctoredKernel: LoadedKernel {
  let runtime: DoctoredRuntime

  func run(_ arguments: RopeArguments, shape: LaunchShape, times: Int) -> Double? {
    var (arguments, blocks) = (arguments, shape.blocks)
    let wide = arguments.wide != 0
    let groupBytes = Int(rope_host_group_bytes(&arguments))
    runtime.state.withLock {
      $0.wide.append(wide)
      $0.groupBytes.append(groupBytes)
    }
    runtime.tamper(&arguments, &blocks)
    return runtime.kernel.run(arguments, shape: LaunchShape(tokens: blocks), times: times)
  }
}

/// A device whose memory is full except for large pieces, so that a launch cannot allocate what it needs for itself.
struct FullRuntime: DeviceRuntime {
  let name = "full"
  let description = "a device without memory"
  let vendor: GPUVendor? = nil
  let memory = MemoryLocation.host
  let waveSize = 1
  private let host = HostRuntime()

  func allocate(byteCount: Int) throws(DeviceError) -> UnsafeMutableRawPointer {
    guard byteCount > 1_000 else { throw .allocation(byteCount: byteCount, device: name, reason: "none left") }
    return try host.allocate(byteCount: byteCount)
  }
  func free(_ address: UnsafeMutableRawPointer) { host.free(address) }
  func upload(_ source: UnsafeRawBufferPointer, to address: UnsafeMutableRawPointer) {}
  func download(_ address: UnsafeRawPointer, into target: UnsafeMutableRawBufferPointer) {}
  func clear(_ address: UnsafeMutableRawPointer, byteCount: Int) {}
  func copy(
    _ source: UnsafeRawPointer, to target: UnsafeMutableRawPointer, byteCount: Int, times: Int
  ) -> Double? { host.copy(source, to: target, byteCount: byteCount, times: times) }
  func freeByteCount() -> Int { 1_000 }
  func kernelCompiler() -> String { host.kernelCompiler() }
  func location(of address: UnsafeRawPointer) -> MemoryLocation { .host }
  func loadKernel(_ name: KernelName) -> any LoadedKernel { HostLaunch(workers: 1) }
}
