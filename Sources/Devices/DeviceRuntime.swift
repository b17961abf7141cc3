import HostKernel
import RoPE

/// The operations that each kind of device performs in its own way; the rest of this module is the same for all.
///
/// An address points to device memory, which only the device dereferences.
protocol DeviceRuntime: Sendable {
  /// The name by which the device is requested.
  var name: String { get }
  /// A description for people.
  var description: String { get }
  /// The number of threads in a wave; 1 for the host.
  var waveSize: Int { get }
  /// The maker of the GPU; nil for the host.
  var vendor: GPUVendor? { get }
  /// The location of memory that `allocate` returns.
  var memory: MemoryLocation { get }
  /// Allocates `byteCount` bytes, at least 1, aligned to 256 bytes; their contents are undefined.
  func allocate(byteCount: Int) throws(DeviceError) -> UnsafeMutableRawPointer
  /// Frees memory from `allocate`.
  func free(_ address: UnsafeMutableRawPointer)
  /// Copies host bytes to the device.
  func upload(_ source: UnsafeRawBufferPointer, to address: UnsafeMutableRawPointer) throws(DeviceError)
  /// Copies device bytes to the host.
  func download(_ address: UnsafeRawPointer, into target: UnsafeMutableRawBufferPointer) throws(DeviceError)
  /// Sets device bytes to zero without a transfer.
  func clear(_ address: UnsafeMutableRawPointer, byteCount: Int) throws(DeviceError)
  /// Copies bytes within the device, several times, and waits once.
  ///
  /// - Returns: the same as ``LoadedKernel/run(_:shape:times:)``.
  func copy(
    _ source: UnsafeRawPointer, to target: UnsafeMutableRawPointer, byteCount: Int, times: Int
  ) throws(DeviceError) -> Double?
  /// The shape of a launch with these arguments, which must then be given the blocks per token.
  func shape(tokens: Int, _ arguments: RopeArguments) -> LaunchShape
  /// Bytes that could be allocated now, as far as is known.
  func freeByteCount() throws(DeviceError) -> Int
  /// The location of memory according to the driver, whoever allocated it.
  func location(of address: UnsafeRawPointer) throws(DeviceError) -> MemoryLocation
  /// Prepares a kernel.
  func loadKernel(_ name: KernelName) throws(DeviceError) -> any LoadedKernel
  /// The compiler of the kernel, as it describes itself.
  func kernelCompiler() throws(DeviceError) -> String
}

extension DeviceRuntime {
  func shape(tokens: Int, _ arguments: RopeArguments) -> LaunchShape {
    vendor == nil
      ? LaunchShape(tokens: tokens)
      : LaunchShape(tokens: tokens, itemsOfToken: arguments.itemsOfToken, waveSize: waveSize)
  }
}

/// The location of memory.
package enum MemoryLocation: Sendable, Equatable, CustomStringConvertible {
  case host
  /// The memory of a GPU, by its index among the GPUs of its vendor.
  case gpu(index: Int)

  package var description: String {
    switch self {
    case .host: "host memory"
    case .gpu(let index): "memory of GPU \(index)"
    }
  }
}

/// A kernel that is ready to run on the device that loaded it.
protocol LoadedKernel: Sendable {
  /// Launches the kernel several times, one after the other, and waits for the device once.
  ///
  /// - Returns: the milliseconds from the start of the first launch to the end of the last by the device's own timer;
  ///   nil if it has none.
  func run(_ arguments: RopeArguments, shape: LaunchShape, times: Int) throws(DeviceError) -> Double?
}
