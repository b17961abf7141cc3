import CDeviceRuntimes
import Foundation
import HostKernel
import RoPE
import Synchronization

/// An NVIDIA GPU with its primary context, which this process shares with any other user of CUDA in it.
final class CUDADevice: DeviceRuntime {
  let name: String
  let description: String
  let vendor: GPUVendor? = .nvidia
  let waveSize = 32
  let memory: MemoryLocation
  private let driver: CUDADriver
  private let device: Int32
  private let context: GPUHandle
  private let target: KernelTarget
  /// The module with the kernels of all element types; nil until it is loaded.
  private let module = Mutex<GPUHandle?>(nil)

  init(driver: CUDADriver, index: Int) throws(DeviceError) {
    let name = "nvidia:\(index)", functions = driver.functions
    func call(_ function: String, _ result: Int32) throws(DeviceError) {
      guard result != 0 else { return }
      throw .missingDevice(name: name, reason: "\(function) returned \(driver.text(result))")
    }
    var device: Int32 = 0
    try call("cuDeviceGet", functions.cuDeviceGet(&device, Int32(index)))
    func attribute(_ number: Int) throws(DeviceError) -> Int {
      var value: Int32 = 0
      try call("cuDeviceGetAttribute", functions.cuDeviceGetAttribute(&value, Int32(number), device))
      return Int(value)
    }
    let major = try attribute(ROPE_CUDA_COMPUTE_CAPABILITY_MAJOR)
    let minor = try attribute(ROPE_CUDA_COMPUTE_CAPABILITY_MINOR)
    var model = [CChar](repeating: 0, count: 256)
    try call("cuDeviceGetName", functions.cuDeviceGetName(&model, Int32(model.count - 1), device))
    var size = 0
    try call("cuDeviceTotalMem_v2", functions.cuDeviceTotalMem_v2(&size, device))
    var context: UnsafeMutableRawPointer?
    try call("cuDevicePrimaryCtxRetain", functions.cuDevicePrimaryCtxRetain(&context, device))
    guard let context else {
      throw .missingDevice(name: name, reason: "cuDevicePrimaryCtxRetain returned no context")
    }
    self.name = name
    self.driver = driver
    self.device = device
    self.context = GPUHandle(pointer: context)
    memory = .gpu(index: index)
    target = .computeCapability(major: major, minor: minor)
    description =
      "\(String(nullTerminated: model)), compute capability \(major).\(minor), \(size >> 20) MiB, \(driver.description)"
  }

  deinit {
    _ = driver.functions.cuDevicePrimaryCtxRelease_v2(device)
  }

  /// Makes the context current on this thread and calls the driver.
  fileprivate func call(_ function: String, _ body: (RopeCUDA) -> Int32) throws(DeviceError) {
    var result = driver.functions.cuCtxSetCurrent(context.pointer)
    guard result == 0 else { throw .driver(call: "cuCtxSetCurrent", device: name, reason: driver.text(result)) }
    result = body(driver.functions)
    guard result == 0 else { throw .driver(call: function, device: name, reason: driver.text(result)) }
  }

  func allocate(byteCount: Int) throws(DeviceError) -> UnsafeMutableRawPointer {
    var address: UInt64 = 0
    do {
      try call("cuMemAlloc_v2") { $0.cuMemAlloc_v2(&address, byteCount) }
    } catch {
      throw .allocation(byteCount: byteCount, device: name, reason: "\(error)")
    }
    guard let pointer = UnsafeMutableRawPointer(bitPattern: UInt(address)) else {
      throw .allocation(byteCount: byteCount, device: name, reason: "cuMemAlloc_v2 returned the address 0")
    }
    return pointer
  }

  func free(_ address: UnsafeMutableRawPointer) {
    // A failure here repeats an earlier one: a broken context stays broken.
    try? call("cuMemFree_v2") { $0.cuMemFree_v2(address.cuda) }
  }

  func upload(_ source: UnsafeRawBufferPointer, to address: UnsafeMutableRawPointer) throws(DeviceError) {
    try call("cuMemcpyHtoD_v2") { $0.cuMemcpyHtoD_v2(address.cuda, source.baseAddress, source.count) }
  }

  func download(_ address: UnsafeRawPointer, into target: UnsafeMutableRawBufferPointer) throws(DeviceError) {
    try call("cuMemcpyDtoH_v2") { $0.cuMemcpyDtoH_v2(target.baseAddress, address.cuda, target.count) }
  }

  func clear(_ address: UnsafeMutableRawPointer, byteCount: Int) throws(DeviceError) {
    try call("cuMemsetD8_v2") { $0.cuMemsetD8_v2(address.cuda, 0, byteCount) }
  }

  func copy(
    _ source: UnsafeRawPointer, to target: UnsafeMutableRawPointer, byteCount: Int, times: Int
  ) throws(DeviceError) -> Double? {
    try milliseconds(of: "cuMemcpyDtoDAsync_v2", times: times) {
      $0.cuMemcpyDtoDAsync_v2(target.cuda, source.cuda, byteCount, nil)
    }
  }

  func freeByteCount() throws(DeviceError) -> Int {
    var (free, total) = (0, 0)
    try call("cuMemGetInfo_v2") { $0.cuMemGetInfo_v2(&free, &total) }
    return free
  }

  /// Enqueues the same work several times and waits once.
  fileprivate func milliseconds(
    of function: String, times: Int, _ enqueue: (RopeCUDA) -> Int32
  ) throws(DeviceError) -> Double {
    let start = try event()
    defer { destroy(start) }
    let end = try event()
    defer { destroy(end) }
    try call("cuEventRecord") { $0.cuEventRecord(start.pointer, nil) }
    for _ in 0..<times { try call(function, enqueue) }
    try call("cuEventRecord") { $0.cuEventRecord(end.pointer, nil) }
    // Errors of the kernel itself appear here.
    try call("cuEventSynchronize") { $0.cuEventSynchronize(end.pointer) }
    var milliseconds: Float = 0
    try call("cuEventElapsedTime") { $0.cuEventElapsedTime(&milliseconds, start.pointer, end.pointer) }
    return Double(milliseconds)
  }

  private func event() throws(DeviceError) -> GPUHandle {
    var event: UnsafeMutableRawPointer?
    try call("cuEventCreate") { $0.cuEventCreate(&event, 0) }
    guard let event else { throw .driver(call: "cuEventCreate", device: name, reason: "it returned no event") }
    return GPUHandle(pointer: event)
  }

  private func destroy(_ event: GPUHandle) {
    try? call("cuEventDestroy_v2") { $0.cuEventDestroy_v2(event.pointer) }
  }

  func location(of address: UnsafeRawPointer) throws(DeviceError) -> MemoryLocation {
    func attribute(_ number: Int) throws(DeviceError) -> Int {
      var value: Int32 = 0
      try call("cuPointerGetAttribute") { $0.cuPointerGetAttribute(&value, Int32(number), address.cuda) }
      return Int(value)
    }
    guard try attribute(ROPE_CUDA_POINTER_MEMORY_TYPE) == ROPE_CUDA_MEMORY_DEVICE else { return .host }
    return .gpu(index: try attribute(ROPE_CUDA_POINTER_DEVICE_ORDINAL))
  }

  func kernelCompiler() throws(DeviceError) -> String {
    let code = try driver.kernels.code(for: target)
    // NVRTC names itself in its PTX: "// Cuda compilation tools, release 12.9, V12.9.86".
    let text = String(decoding: code.bytes, as: UTF8.self)
    let tools = text.firstMatch(of: /\/\/ (Cuda compilation tools, .*)/).map { String($0.1) }
    return [tools, "\(target)", code.shortOrigin].compactMap { $0 }.joined(separator: ", ")
  }

  func loadKernel(_ kernel: KernelName) throws(DeviceError) -> any LoadedKernel {
    let module = try loadedModule()
    var function: UnsafeMutableRawPointer?
    try call("cuModuleGetFunction for \(kernel.function)") {
      $0.cuModuleGetFunction(&function, module.pointer, kernel.function)
    }
    guard let function else {
      throw .driver(call: "cuModuleGetFunction", device: name, reason: "it found no \(kernel.function)")
    }
    return CUDAKernel(device: self, function: GPUHandle(pointer: function))
  }

  private func loadedModule() throws(DeviceError) -> GPUHandle {
    try module.withLock { module throws(DeviceError) in
      if let module { return module }
      let loaded = try load(driver.kernels.code(for: target))
      module = loaded
      return loaded
    }
  }

  private func load(_ code: KernelCode) throws(DeviceError) -> GPUHandle {
    var log = [CChar](repeating: 0, count: 8192)
    var module: UnsafeMutableRawPointer?
    // PTX is text, and must end with a zero byte.
    let image = code.bytes + [0]
    do {
      try call("cuModuleLoadDataEx of \(code.origin)") { functions in
        log.withUnsafeMutableBufferPointer { log in
          var options = [Int32(ROPE_CUDA_JIT_ERROR_LOG), Int32(ROPE_CUDA_JIT_ERROR_LOG_SIZE)]
          var values = [UnsafeMutableRawPointer(log.baseAddress), UnsafeMutableRawPointer(bitPattern: log.count - 1)]
          return functions.cuModuleLoadDataEx(&module, image, 2, &options, &values)
        }
      }
    } catch .driver(let call, let device, let reason) {
      throw .driver(call: call, device: device, reason: [reason, String(nullTerminated: log)].joined(separator: "\n"))
    }
    guard let module else { throw .driver(call: "cuModuleLoadDataEx", device: name, reason: "it returned no module") }
    return GPUHandle(pointer: module)
  }
}

/// A kernel on an NVIDIA GPU.
private struct CUDAKernel: LoadedKernel {
  let device: CUDADevice
  let function: GPUHandle

  func run(_ arguments: RopeArguments, shape: LaunchShape, times: Int) throws(DeviceError) -> Double? {
    var arguments = arguments
    return try device.milliseconds(of: "cuLaunchKernel", times: times) { functions in
      withUnsafeMutableBytes(of: &arguments) { bytes in
        var parameters = [bytes.baseAddress]
        return functions.cuLaunchKernel(
          function.pointer, UInt32(shape.blocks), 1, 1, UInt32(shape.threads), 1, 1, 0, nil, &parameters, nil)
      }
    }
  }
}

extension UnsafeRawPointer {
  /// The address in the form that CUDA's driver takes.
  fileprivate var cuda: UInt64 { UInt64(UInt(bitPattern: self)) }
}

extension UnsafeMutableRawPointer {
  fileprivate var cuda: UInt64 { UnsafeRawPointer(self).cuda }
}
