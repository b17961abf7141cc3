import Dispatch
import Foundation
import HostKernel
import RoPE

/// The CPU as a device, whose memory is that of this process.
struct HostRuntime: DeviceRuntime {
  let name = "host"
  let vendor: GPUVendor? = nil
  let memory = MemoryLocation.host
  let waveSize = 1

  var description: String {
    let cores = ProcessInfo.processInfo.activeProcessorCount
    return "host CPU, \(cores) \(cores == 1 ? "core" : "cores")"
  }

  func allocate(byteCount: Int) throws(DeviceError) -> UnsafeMutableRawPointer {
    // A system that overcommits grants memory that it does not have, and kills the process that uses it.
    let physical = ProcessInfo.processInfo.physicalMemory
    guard UInt64(byteCount) <= physical else {
      throw .allocation(byteCount: byteCount, device: name, reason: "this machine has only \(physical) bytes")
    }
    var address: UnsafeMutableRawPointer?
    // Unlike Swift's own allocation, posix_memalign reports a lack of memory.
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

  func copy(
    _ source: UnsafeRawPointer, to target: UnsafeMutableRawPointer, byteCount: Int, times: Int
  ) -> Double? {
    for _ in 0..<times { HostCopy(source: source, target: target, byteCount: byteCount).run() }
    return nil
  }

  func freeByteCount() -> Int {
    // MemAvailable includes file caches, which can be dropped; only Linux reports it.
    let text = (try? String(contentsOfFile: "/proc/meminfo", encoding: .utf8)) ?? ""
    guard let match = text.firstMatch(of: /MemAvailable: +(\d+) kB/), let kibibytes = Int(match.1) else {
      return Int(ProcessInfo.processInfo.physicalMemory / 2)
    }
    return kibibytes << 10
  }

  func location(of address: UnsafeRawPointer) -> MemoryLocation { .host }

  func loadKernel(_ name: KernelName) -> any LoadedKernel {
    HostLaunch(workers: ProcessInfo.processInfo.activeProcessorCount)
  }

  func kernelCompiler() -> String { String(cString: rope_host_compiler()) }
}

/// A copy by all cores.
///
/// Unchecked because of the pointers; workers touch disjoint parts, and `concurrentPerform` waits for them.
private struct HostCopy: @unchecked Sendable {
  let source: UnsafeRawPointer
  let target: UnsafeMutableRawPointer
  let byteCount: Int

  /// The fewest bytes for which a second thread pays off.
  private static let smallestShare = 1 << 18

  func run() {
    let workers = ProcessInfo.processInfo.activeProcessorCount
    let shares = max(1, min(4 * workers, byteCount / Self.smallestShare))
    DispatchQueue.concurrentPerform(iterations: shares) { share in
      // Each share begins at a cache line.
      let first = byteCount / 64 * share / shares * 64
      let end = share + 1 == shares ? byteCount : byteCount / 64 * (share + 1) / shares * 64
      memcpy(target + first, source + first, end - first)
    }
  }
}

/// The kernel compiled for the CPU, for all element types: the arguments name the one to use.
struct HostLaunch: LoadedKernel {
  /// Threads that run blocks at the same time.
  let workers: Int

  /// Threads in a block.
  ///
  /// More than one is slower; tests use it to show that the result does not depend on it.
  var blockSize: UInt32 = 1

  /// The fewest blocks for which a second thread pays off.
  static let smallestShare = 32

  func run(_ arguments: RopeArguments, shape: LaunchShape, times: Int) -> Double? {
    for _ in 0..<times { run(arguments, blocks: shape.blocks) }
    return nil
  }

  private func run(_ arguments: RopeArguments, blocks: Int) {
    // More shares than workers, so that a core that is busy elsewhere does not delay the end.
    let shares = min(4 * workers, blocks / Self.smallestShare)
    withUnsafePointer(to: arguments) { pointer in
      guard workers > 1, shares > 1 else { return rope_host_run_blocks(pointer, 0, UInt32(blocks), blockSize) }
      let shared = SharedArguments(pointer: pointer)
      DispatchQueue.concurrentPerform(iterations: shares) { share in
        // Contiguous and nearly equal: blocks is below 2^31, so the products stay below 2^63.
        let (first, end) = (blocks * share / shares, blocks * (share + 1) / shares)
        rope_host_run_blocks(shared.pointer, UInt32(first), UInt32(end), blockSize)
      }
    }
  }
}

/// The arguments of one launch, seen by all its threads.
///
/// Unchecked because of the pointers. It is safe: no thread writes the arguments while they are shared, and
/// `concurrentPerform` returns before they go away. In the memory they point to, each token's output belongs to one
/// block (`RotationCall.validate` proves that views do not overlap), the block count is atomic, only block 0 writes the
/// launch number, and the rest is only read.
private struct SharedArguments: @unchecked Sendable {
  let pointer: UnsafePointer<RopeArguments>
}
