import HostKernel
import RoPE

/// What each kind of device does in its own way; everything else in this module is the same for all.
///
/// An address is device memory, which only the device dereferences.
protocol DeviceRuntime: Sendable {
  /// The name by which the device is asked for.
  var name: String { get }
  /// What the device is, for people.
  var description: String { get }
  /// Threads of a wave; 1 for the host.
  var waveSize: Int { get }
  /// Who made the GPU; nil for the host.
  var vendor: GPUVendor? { get }
  /// Where the memory is that `allocate` gives.
  var memory: MemoryLocation { get }
  /// Reserves `byteCount` bytes, at least 1, at a multiple of 256; their contents are undefined.
  func allocate(byteCount: Int) throws(DeviceError) -> UnsafeMutableRawPointer
  /// Gives back what `allocate` reserved.
  func free(_ address: UnsafeMutableRawPointer)
  /// Copies host bytes to the device.
  func upload(_ source: UnsafeRawBufferPointer, to address: UnsafeMutableRawPointer) throws(DeviceError)
  /// Copies device bytes to the host.
  func download(_ address: UnsafeRawPointer, into target: UnsafeMutableRawBufferPointer) throws(DeviceError)
  /// Sets device bytes to zero without a transfer.
  func clear(_ address: UnsafeMutableRawPointer, byteCount: Int) throws(DeviceError)
  /// Copies bytes within the device, several times, and waits once.
  ///
  /// - Returns: as ``LoadedKernel/run(_:shape:times:)``.
  func copy(
    _ source: UnsafeRawPointer, to target: UnsafeMutableRawPointer, byteCount: Int, times: Int
  ) throws(DeviceError) -> Double?
  /// The shape of a launch with these arguments, which must be told the blocks per token.
  func shape(tokens: Int, _ arguments: RopeArguments) -> LaunchShape
  /// Bytes that could be reserved now, as far as anybody can say.
  func freeByteCount() throws(DeviceError) -> Int
  /// Where memory is by the word of the driver, whoever reserved it.
  func location(of address: UnsafeRawPointer) throws(DeviceError) -> MemoryLocation
  /// Prepares a kernel.
  func loadKernel(_ name: KernelName) throws(DeviceError) -> any LoadedKernel
  /// The compiler of the kernel, by its own words.
  func kernelCompiler() throws(DeviceError) -> String
}

extension DeviceRuntime {
  func shape(tokens: Int, _ arguments: RopeArguments) -> LaunchShape {
    vendor == nil
      ? LaunchShape(tokens: tokens)
      : LaunchShape(tokens: tokens, itemsOfToken: arguments.itemsOfToken, waveSize: waveSize)
  }
}

/// Where memory is.
package enum MemoryLocation: Sendable, Equatable, CustomStringConvertible {
  case host
  /// The memory of a GPU, by its index among its vendor's.
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
  /// - Returns: the milliseconds between the start of the first launch and the end of the last by the device's own
  ///   timer; nil where the device has none.
  func run(_ arguments: RopeArguments, shape: LaunchShape, times: Int) throws(DeviceError) -> Double?
}
