import Dispatch
import HostKernel

/// The kernel compiled for the CPU; the arguments name the element type.
struct HostLaunch: LoadedKernel {
  /// Threads that run blocks at the same time.
  let workers: Int

  /// Threads in a block; more than one is slower, and shows that the kernel does not depend on it.
  var blockSize: UInt32 = 1

  /// Fewest blocks that are worth a second thread.
  static let smallestShare = 32

  func run(_ arguments: RopeArguments, shape: LaunchShape, times: Int) -> Double? {
    for _ in 0..<times { run(arguments, blocks: shape.blocks) }
    return nil
  }

  private func run(_ arguments: RopeArguments, blocks: Int) {
    // More shares than workers, so that a core which is busy elsewhere does not hold up the end.
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
/// Unchecked because of the pointers. It is safe: nobody writes the arguments while they are shared, and
/// `concurrentPerform` returns before they go away. Of the memory they point to, each token's output belongs to
/// one block (`RotationCall.validate` proves that views do not overlap), the block count is atomic, the launch
/// number is written by block 0 alone, and the rest is read only.
private struct SharedArguments: @unchecked Sendable {
  let pointer: UnsafePointer<RopeArguments>
}
