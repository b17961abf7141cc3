import CDeviceRuntimes

/// NVIDIA's driver.
///
/// Unchecked because of the function pointers: they are set once, and the driver may be called on any thread.
struct CUDADriver: GPUDriver, @unchecked Sendable {
  let functions: RopeCUDA
  let description: String
  let deviceCount: Int
  /// The source of kernel code.
  let kernels: KernelFinder

  /// Loads and starts the driver.
  ///
  /// - Parameters:
  ///   - libraries: names of the library; the first one that the loader finds is used.
  ///   - kernels: the source of kernel code.
  /// - Throws: ``DeviceError/missingDevice(name:reason:)``.
  init(
    libraries: [String] = ["libcuda.so.1"], kernels: KernelFinder = KernelFinder()
  ) throws(DeviceError) {
    self.kernels = kernels
    let missing = { DeviceError.missingDevice(name: "nvidia", reason: $0) }
    let library: SharedLibrary
    do {
      library = try SharedLibrary(firstOf: libraries)
    } catch {
      throw missing("\(error.reason); install NVIDIA's driver")
    }
    var functions = RopeCUDA()
    if let name = rope_load_cuda(library.handle, &functions) {
      throw missing("\(library.name) has no \(String(cString: name)); install a driver of CUDA 11 or later")
    }
    self.functions = functions
    var version: Int32 = 0
    _ = functions.cuDriverGetVersion(&version)
    description = "\(library.name), driver of CUDA \(version / 1000).\(version % 1000 / 10)"
    let started = functions.cuInit(0)
    guard started != ROPE_CUDA_NO_DEVICE else { throw missing("\(description), found no GPU") }
    guard started == 0 else { throw missing("\(description): cuInit returned \(Self.text(started, functions))") }
    var count: Int32 = 0
    let counted = functions.cuDeviceGetCount(&count)
    guard counted == 0 else { throw missing("cuDeviceGetCount returned \(Self.text(counted, functions))") }
    guard count > 0 else { throw missing("\(description), found no GPU") }
    deviceCount = Int(count)
  }

  func device(index: Int) throws(DeviceError) -> any DeviceRuntime {
    try check(index: index, vendor: .nvidia)
    return try CUDADevice(driver: self, index: index)
  }

  /// A result in words, such as `CUDA_ERROR_OUT_OF_MEMORY (2): out of memory`.
  func text(_ result: Int32) -> String { Self.text(result, functions) }

  private static func text(_ result: Int32, _ functions: RopeCUDA) -> String {
    var name: UnsafePointer<CChar>?
    var words: UnsafePointer<CChar>?
    guard functions.cuGetErrorName(result, &name) == 0, functions.cuGetErrorString(result, &words) == 0,
      let name, let words
    else { return "the unknown result \(result)" }
    return "\(String(cString: name)) (\(result)): \(String(cString: words))"
  }
}
