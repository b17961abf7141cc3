import Synchronization

/// Kernels that are loaded once and kept for later launches, one for each device and name.
///
/// Any number of tasks may launch through one cache.
package final class KernelCache: Sendable {
  private struct Key: Hashable {
    let device: String
    let name: KernelName
  }

  private struct State {
    var kernels: [Key: any LoadedKernel] = [:]
    var hits = 0
  }

  private let state = Mutex(State())

  /// An empty cache.
  package init() {}

  /// The number of kernels that were loaded.
  package var loadCount: Int { state.withLock { $0.kernels.count } }

  /// The number of requests for a kernel that was already loaded.
  package var hitCount: Int { state.withLock { $0.hits } }

  /// Returns a kernel for a device, loading it on first use.
  ///
  /// A load that fails leaves nothing behind.
  func kernel(_ name: KernelName, for device: Device) throws(DeviceError) -> any LoadedKernel {
    let key = Key(device: device.name, name: name)
    // Loads under the lock, so that two tasks that want the same kernel load it once.
    return try state.withLock { state throws(DeviceError) in
      if let kernel = state.kernels[key] {
        state.hits += 1
        return kernel
      }
      let kernel = try device.runtime.loadKernel(name)
      state.kernels[key] = kernel
      return kernel
    }
  }
}
