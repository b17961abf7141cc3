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
  var memory: MemoryPlace { get }
  /// Reserves `byteCount` bytes, at least 1, at a multiple of 256; their contents are undefined.
  func allocate(byteCount: Int) throws(HIPError) -> UnsafeMutableRawPointer
  /// Gives back what `allocate` reserved.
  func free(_ address: UnsafeMutableRawPointer)
  /// Copies host bytes to the device.
  func upload(_ source: UnsafeRawBufferPointer, to address: UnsafeMutableRawPointer) throws(HIPError)
  /// Copies device bytes to the host.
  func download(_ address: UnsafeRawPointer, into target: UnsafeMutableRawBufferPointer) throws(HIPError)
  /// Sets device bytes to zero without a transfer.
  func clear(_ address: UnsafeMutableRawPointer, byteCount: Int) throws(HIPError)
  /// Copies bytes from one place on the device to another, several times, and waits once.
  ///
  /// - Returns: as ``LoadedKernel/run(_:shape:times:)``.
  func copy(
    _ source: UnsafeRawPointer, to target: UnsafeMutableRawPointer, byteCount: Int, times: Int
  ) throws(HIPError) -> Double?
  /// The shape of a launch with these arguments, whose shares they must be told.
  func shape(tokens: Int, _ arguments: RopeArguments) -> LaunchShape
  /// Bytes that could be reserved now, as far as anybody can say.
  func freeByteCount() throws(HIPError) -> Int
  /// Where memory is by the word of the driver, whoever reserved it.
  func place(of address: UnsafeRawPointer) throws(HIPError) -> MemoryPlace
  /// Prepares a kernel.
  func loadKernel(_ name: KernelName) throws(HIPError) -> any LoadedKernel
  /// The compiler of the kernel, by its own words.
  func kernelCompiler() throws(HIPError) -> String
}

extension DeviceRuntime {
  func shape(tokens: Int, _ arguments: RopeArguments) -> LaunchShape {
    vendor == nil
      ? LaunchShape(tokens: tokens)
      : LaunchShape(tokens: tokens, itemsOfToken: arguments.itemsOfToken, waveSize: waveSize)
  }
}

/// Where memory is.
public enum MemoryPlace: Sendable, Equatable, CustomStringConvertible {
  case host
  /// The memory of a GPU, by its index among its vendor's.
  case gpu(index: Int)

  public var description: String {
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
  func run(_ arguments: RopeArguments, shape: LaunchShape, times: Int) throws(HIPError) -> Double?
}
