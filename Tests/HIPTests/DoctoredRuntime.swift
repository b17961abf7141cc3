import HostKernel
import RoPE
import Synchronization

@testable import HIP

/// The host with its doings counted, which can be told to do something else than it was asked for.
final class DoctoredRuntime: DeviceRuntime {
  struct Counts {
    var uploadedBytes = 0
    var loads = 0
    /// Wide flags of Q and K, launch by launch.
    var wide: [[Int32]] = []
  }

  let name: String
  let description = "host under observation"
  let vendor: GPUVendor? = nil
  let memory = MemoryPlace.host
  private let host = HostRuntime()
  fileprivate let kernel: HostLaunch
  fileprivate let tamper: @Sendable (inout RopeArguments, inout Int) -> Void
  fileprivate let state = Mutex(Counts())

  init(
    name: String = "doctored", workers: Int = 2, blockSize: UInt32 = 1,
    tamper: @escaping @Sendable (inout RopeArguments, inout Int) -> Void = { _, _ in }
  ) {
    self.name = name
    kernel = HostLaunch(workers: workers, blockSize: blockSize)
    self.tamper = tamper
  }

  var counts: Counts { state.withLock { $0 } }

  func allocate(byteCount: Int) throws(HIPError) -> UnsafeMutableRawPointer {
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
  func place(of address: UnsafeRawPointer) -> MemoryPlace { .host }
  func loadKernel(for elementType: ElementType) -> any LoadedKernel {
    state.withLock { $0.loads += 1 }
    return DoctoredKernel(runtime: self)
  }
}

private struct DoctoredKernel: LoadedKernel {
  let runtime: DoctoredRuntime

  func run(_ arguments: RopeArguments, blocks: Int) -> Double? {
    var (arguments, blocks) = (arguments, blocks)
    let wide = [arguments.query.wide, arguments.key.wide]
    runtime.state.withLock { $0.wide.append(wide) }
    runtime.tamper(&arguments, &blocks)
    return runtime.kernel.run(arguments, blocks: blocks)
  }
}

/// A device whose memory is full but for large pieces: what a launch needs for itself it does not get.
struct FullRuntime: DeviceRuntime {
  let name = "full"
  let description = "a device without memory"
  let vendor: GPUVendor? = nil
  let memory = MemoryPlace.host
  private let host = HostRuntime()

  func allocate(byteCount: Int) throws(HIPError) -> UnsafeMutableRawPointer {
    guard byteCount > 1_000 else { throw .allocation(byteCount: byteCount, device: name, reason: "none left") }
    return try host.allocate(byteCount: byteCount)
  }
  func free(_ address: UnsafeMutableRawPointer) { host.free(address) }
  func upload(_ source: UnsafeRawBufferPointer, to address: UnsafeMutableRawPointer) {}
  func download(_ address: UnsafeRawPointer, into target: UnsafeMutableRawBufferPointer) {}
  func clear(_ address: UnsafeMutableRawPointer, byteCount: Int) {}
  func place(of address: UnsafeRawPointer) -> MemoryPlace { .host }
  func loadKernel(for elementType: ElementType) -> any LoadedKernel { HostLaunch(workers: 1) }
}
