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
  /// Prepares the kernel for one element type.
  func loadKernel(for elementType: ElementType) throws(HIPError) -> any LoadedKernel
  /// Returns when everything that was launched has finished.
  func synchronize() throws(HIPError)
}

/// A kernel that is ready to run on the device that loaded it.
protocol LoadedKernel: Sendable {
  /// Starts `blocks` blocks; they may still run when this returns. Every address in `arguments` stays valid
  /// until the device is synchronised.
  func launch(_ arguments: RopeArguments, blocks: Int) throws(HIPError)
}
