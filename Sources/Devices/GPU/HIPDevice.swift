import CDeviceRuntimes
import Foundation
import HostKernel
import RoPE
import Synchronization

/// An AMD GPU.
final class HIPDevice: DeviceRuntime {
  let name: String
  let description: String
  let vendor: GPUVendor? = .amd
  /// The wider of the two wave sizes of AMD's architectures.
  let waveSize = 64
  let memory: MemoryLocation
  private let driver: HIPDriver
  private let index: Int32
  private let target: KernelTarget
  /// The module with the kernels of all element types; nil until it is loaded.
  private let module = Mutex<GPUHandle?>(nil)

  init(driver: HIPDriver, index: Int) throws(DeviceError) {
    let name = "amd:\(index)", functions = driver.functions
    func call(_ function: String, _ result: Int32) throws(DeviceError) {
      guard result != 0 else { return }
      throw .missingDevice(name: name, reason: "\(function) returned \(driver.text(result))")
    }
    var model = [CChar](repeating: 0, count: 256)
    try call("hipDeviceGetName", functions.hipDeviceGetName(&model, Int32(model.count - 1), Int32(index)))
    var size = 0
    try call("hipDeviceTotalMem", functions.hipDeviceTotalMem(&size, Int32(index)))
    let architecture = try driver.architecture(index: index)
    try call("hipSetDevice", functions.hipSetDevice(Int32(index)))
    self.name = name
    self.driver = driver
    self.index = Int32(index)
    memory = .gpu(index: index)
    target = .amd(architecture)
    description =
      "\(String(nullTerminated: model)), \(architecture), \(size >> 20) MiB, \(driver.description)"
  }

  /// Makes the GPU current on this thread and calls the runtime.
  fileprivate func call(_ function: String, _ body: (RopeHIP) -> Int32) throws(DeviceError) {
    var result = driver.functions.hipSetDevice(index)
    guard result == 0 else { throw .driver(call: "hipSetDevice", device: name, reason: driver.text(result)) }
    result = body(driver.functions)
    guard result == 0 else { throw .driver(call: function, device: name, reason: driver.text(result)) }
  }

  func allocate(byteCount: Int) throws(DeviceError) -> UnsafeMutableRawPointer {
    var address: UnsafeMutableRawPointer?
    do {
      try call("hipMalloc") { $0.hipMalloc(&address, byteCount) }
    } catch {
      throw .allocation(byteCount: byteCount, device: name, reason: "\(error)")
    }
    guard let address else {
      throw .allocation(byteCount: byteCount, device: name, reason: "hipMalloc returned the address 0")
    }
    return address
  }

  func free(_ address: UnsafeMutableRawPointer) {
    // A failure here repeats an earlier one: a device that has faulted stays faulted.
    try? call("hipFree") { $0.hipFree(address) }
  }

  func upload(_ source: UnsafeRawBufferPointer, to address: UnsafeMutableRawPointer) throws(DeviceError) {
    try call("hipMemcpyHtoD") {
      $0.hipMemcpyHtoD(address, UnsafeMutableRawPointer(mutating: source.baseAddress), source.count)
    }
  }

  func download(_ address: UnsafeRawPointer, into target: UnsafeMutableRawBufferPointer) throws(DeviceError) {
    try call("hipMemcpyDtoH") {
      $0.hipMemcpyDtoH(target.baseAddress, UnsafeMutableRawPointer(mutating: address), target.count)
    }
  }

  func clear(_ address: UnsafeMutableRawPointer, byteCount: Int) throws(DeviceError) {
    try call("hipMemset") { $0.hipMemset(address, 0, byteCount) }
  }

  func copy(
    _ source: UnsafeRawPointer, to target: UnsafeMutableRawPointer, byteCount: Int, times: Int
  ) throws(DeviceError) -> Double? {
    try milliseconds(of: "hipMemcpyDtoDAsync", times: times) {
      $0.hipMemcpyDtoDAsync(target, UnsafeMutableRawPointer(mutating: source), byteCount, nil)
    }
  }

  func freeByteCount() throws(DeviceError) -> Int {
    var (free, total) = (0, 0)
    try call("hipMemGetInfo") { $0.hipMemGetInfo(&free, &total) }
    return free
  }

  /// Enqueues the same work several times and waits once.
  fileprivate func milliseconds(
    of function: String, times: Int, _ enqueue: (RopeHIP) -> Int32
  ) throws(DeviceError) -> Double {
    let start = try event()
    defer { destroy(start) }
    let end = try event()
    defer { destroy(end) }
    try call("hipEventRecord") { $0.hipEventRecord(start.pointer, nil) }
    for _ in 0..<times { try call(function, enqueue) }
    try call("hipEventRecord") { $0.hipEventRecord(end.pointer, nil) }
    // Errors of the kernel itself appear here.
    try call("hipEventSynchronize") { $0.hipEventSynchronize(end.pointer) }
    var milliseconds: Float = 0
    try call("hipEventElapsedTime") { $0.hipEventElapsedTime(&milliseconds, start.pointer, end.pointer) }
    return Double(milliseconds)
  }

  private func event() throws(DeviceError) -> GPUHandle {
    var event: UnsafeMutableRawPointer?
    try call("hipEventCreate") { $0.hipEventCreate(&event) }
    guard let event else { throw .driver(call: "hipEventCreate", device: name, reason: "it returned no event") }
    return GPUHandle(pointer: event)
  }

  private func destroy(_ event: GPUHandle) {
    try? call("hipEventDestroy") { $0.hipEventDestroy(event.pointer) }
  }

  func location(of address: UnsafeRawPointer) throws(DeviceError) -> MemoryLocation {
    func attribute(_ number: Int) throws(DeviceError) -> Int {
      var value: Int32 = 0
      try call("hipPointerGetAttribute") {
        $0.hipPointerGetAttribute(&value, Int32(number), UnsafeMutableRawPointer(mutating: address))
      }
      return Int(value)
    }
    guard try attribute(ROPE_HIP_POINTER_MEMORY_TYPE) == driver.deviceMemoryType else { return .host }
    return .gpu(index: try attribute(ROPE_HIP_POINTER_DEVICE_ORDINAL))
  }

  func kernelCompiler() throws(DeviceError) -> String {
    "\(target), \(try driver.kernels.code(for: target).shortOrigin)"
  }

  func loadKernel(_ kernel: KernelName) throws(DeviceError) -> any LoadedKernel {
    let module = try loadedModule()
    var function: UnsafeMutableRawPointer?
    try call("hipModuleGetFunction for \(kernel.function)") {
      $0.hipModuleGetFunction(&function, module.pointer, kernel.function)
    }
    guard let function else {
      throw .driver(call: "hipModuleGetFunction", device: name, reason: "it found no \(kernel.function)")
    }
    return HIPKernel(device: self, function: GPUHandle(pointer: function))
  }

  private func loadedModule() throws(DeviceError) -> GPUHandle {
    try module.withLock { module throws(DeviceError) in
      if let module { return module }
      let code = try driver.kernels.code(for: target)
      var loaded: UnsafeMutableRawPointer?
      try call("hipModuleLoadData of \(code.origin)") { $0.hipModuleLoadData(&loaded, code.bytes) }
      guard let loaded else { throw .driver(call: "hipModuleLoadData", device: name, reason: "it returned no module") }
      let handle = GPUHandle(pointer: loaded)
      module = handle
      return handle
    }
  }
}

/// A kernel on an AMD GPU.
private struct HIPKernel: LoadedKernel {
  let device: HIPDevice
  let function: GPUHandle

  func run(_ arguments: RopeArguments, shape: LaunchShape, times: Int) throws(DeviceError) -> Double? {
    // The launch packet counts threads in 32 bits.
    let largestBlockCount = Int(UInt32.max) / shape.threads
    guard shape.blocks <= largestBlockCount else {
      throw .unsupported(
        reason:
          "\(shape.blocks) blocks of \(shape.threads) threads: must be at most \(largestBlockCount) on \(device.name)")
    }
    var arguments = arguments
    return try device.milliseconds(of: "hipModuleLaunchKernel", times: times) { functions in
      withUnsafeMutableBytes(of: &arguments) { bytes in
        var parameters = [bytes.baseAddress]
        return functions.hipModuleLaunchKernel(
          function.pointer, UInt32(shape.blocks), 1, 1, UInt32(shape.threads), 1, 1, 0, nil, &parameters, nil)
      }
    }
  }
}
