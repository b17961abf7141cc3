import Foundation
import RoPE

/// The CPU as a device: its memory is this process's.
struct HostRuntime: DeviceRuntime {
  let name = "host"
  let vendor: GPUVendor? = nil
  let memory = MemoryPlace.host

  var description: String {
    let cores = ProcessInfo.processInfo.activeProcessorCount
    return "host CPU, \(cores) \(cores == 1 ? "core" : "cores")"
  }

  func allocate(byteCount: Int) throws(HIPError) -> UnsafeMutableRawPointer {
    // Systems that overcommit promise memory that they do not have and end the process when it is used.
    let physical = ProcessInfo.processInfo.physicalMemory
    guard UInt64(byteCount) <= physical else {
      throw .allocation(byteCount: byteCount, device: name, reason: "this machine has \(physical) bytes in all")
    }
    var address: UnsafeMutableRawPointer?
    // Unlike Swift's own allocation, posix_memalign reports that there is no memory.
    let code = posix_memalign(&address, 256, byteCount)
    guard code == 0, let address else {
      throw .allocation(byteCount: byteCount, device: name, reason: "posix_memalign returned \(code)")
    }
    return address
  }

  func free(_ address: UnsafeMutableRawPointer) {
    Foundation.free(address)
  }

  func upload(_ source: UnsafeRawBufferPointer, to address: UnsafeMutableRawPointer) {
    UnsafeMutableRawBufferPointer(start: address, count: source.count).copyMemory(from: source)
  }

  func download(_ address: UnsafeRawPointer, into target: UnsafeMutableRawBufferPointer) {
    target.copyMemory(from: UnsafeRawBufferPointer(start: address, count: target.count))
  }

  func clear(_ address: UnsafeMutableRawPointer, byteCount: Int) {
    memset(address, 0, byteCount)
  }

  func place(of address: UnsafeRawPointer) -> MemoryPlace { .host }

  func loadKernel(for elementType: ElementType) -> any LoadedKernel {
    HostLaunch(workers: ProcessInfo.processInfo.activeProcessorCount)
  }
}
