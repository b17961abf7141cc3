/// An error of a device: the operation, the device, the value at fault, and a remedy.
package enum DeviceError: Error, Equatable, CustomStringConvertible {
  case unknownDevice(name: String, available: [String])
  case missingDevice(name: String, reason: String)
  case requiredDevice(required: String, found: String)
  case driver(call: String, device: String, reason: String)
  case noKernel(target: String, reason: String)
  case staleKernel(path: String)
  case allocation(byteCount: Int, device: String, reason: String)
  case transfer(offset: Int, byteCount: Int, bufferByteCount: Int)
  case foreignBuffer(index: Int, device: String, launcher: String)
  case sameBuffer(first: Int, second: Int)
  case unsupported(reason: String)
  case blockCount(device: String, launch: UInt32, found: UInt32, expected: Int)
  case launchNumber(device: String, found: UInt32, expected: UInt32)
  case memoryLocation(device: String, found: MemoryLocation, expected: MemoryLocation)
  case launchTime(device: String, launch: UInt32, milliseconds: Double?)

  package var description: String {
    switch self {
    case .unknownDevice(let name, let available):
      "no device is named \"\(name)\": choose from \(available.joined(separator: ", "))"
    case .missingDevice(let name, let reason):
      "device \(name) is not available: \(reason)"
    case .requiredDevice(let required, let found):
      "the required device is \(required), but \(found) was asked for: ask for \(required) or auto"
    case .driver(let call, let device, let reason):
      "\(call) failed on device \(device): \(reason)"
    case .noKernel(let target, let reason):
      "no kernel for \(target): \(reason); tools/build-kernels \(target) compiles one ahead of time"
    case .staleKernel(let path):
      "\(path) was not compiled from this program's kernel source: run tools/build-kernels again, or remove it"
    case .allocation(let byteCount, let device, let reason):
      "cannot allocate \(byteCount) bytes on device \(device): \(reason)"
    case .transfer(let offset, let byteCount, let bufferByteCount):
      "cannot copy \(byteCount) bytes at offset \(offset): the buffer has \(bufferByteCount) bytes"
    case .foreignBuffer(let index, let device, let launcher):
      "buffer \(index) is on device \(device), but the launcher is on \(launcher): allocate it on \(launcher)"
    case .sameBuffer(let first, let second):
      "buffers \(first) and \(second) are the same memory: give it once, and refer to it from both views"
    case .unsupported(let reason):
      "the kernel does not support this call: \(reason)"
    case .blockCount(let device, let launch, let found, let expected):
      "device \(device) did not do the work: it finished \(found) of \(expected) blocks in launch \(launch); "
        + "discard its output"
    case .launchNumber(let device, let found, let expected):
      "device \(device) did not do the work: its record is of launch \(found), not \(expected); discard its output"
    case .memoryLocation(let device, let found, let expected):
      "device \(device) did not do the work: its driver says that Q or K lies in \(found), not \(expected); "
        + "discard its output"
    case .launchTime(let device, let launch, let milliseconds):
      "device \(device) did not do the work: its timer says that launch \(launch) took "
        + "\(milliseconds.map { "\($0) ms" } ?? "no time at all"); discard its output"
    }
  }
}
