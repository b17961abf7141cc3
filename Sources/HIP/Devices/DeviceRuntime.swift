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
  /// Where memory is by the word of the driver, whoever reserved it.
  func place(of address: UnsafeRawPointer) throws(HIPError) -> MemoryPlace
  /// Prepares the kernel for one element type.
  func loadKernel(for elementType: ElementType) throws(HIPError) -> any LoadedKernel
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
  /// Runs `blocks` blocks in one launch and waits for them once.
  ///
  /// - Returns: the milliseconds between the start and the end of the launch by the device's own timer; nil where the
  ///   device has none.
  func run(_ arguments: RopeArguments, blocks: Int) throws(HIPError) -> Double?
}
