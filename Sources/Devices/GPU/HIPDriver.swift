import CDeviceRuntimes

/// AMD's HIP runtime.
///
/// Unchecked because of the function pointers: they are set once, and the runtime may be called on any thread.
struct HIPDriver: GPUDriver, @unchecked Sendable {
  let functions: RopeHIP
  let description: String
  let deviceCount: Int
  /// The source of kernel code.
  let kernels: KernelFinder
  /// The `hipMemoryType` of device memory.
  let deviceMemoryType: Int
  private let library: SharedLibrary

  /// Loads and starts the runtime.
  ///
  /// - Parameters:
  ///   - libraries: names of the library; the first one that the loader finds is used.
  ///   - kernels: the source of kernel code.
  /// - Throws: ``DeviceError/missingDevice(name:reason:)``.
  init(
    libraries: [String] = ["libamdhip64.so.7", "libamdhip64.so.6", "libamdhip64.so.5"],
    kernels: KernelFinder = KernelFinder()
  ) throws(DeviceError) {
    self.kernels = kernels
    let missing = { DeviceError.missingDevice(name: "amd", reason: $0) }
    do {
      library = try SharedLibrary(firstOf: libraries)
    } catch {
      throw missing("\(error.reason); install ROCm's HIP runtime")
    }
    var functions = RopeHIP()
    if let name = rope_load_hip(library.handle, &functions) {
      throw missing("\(library.name) has no \(String(cString: name)); install ROCm 5.2 or later")
    }
    self.functions = functions
    var runtime: Int32 = 0
    var driver: Int32 = 0
    _ = functions.hipRuntimeGetVersion(&runtime)
    _ = functions.hipDriverGetVersion(&driver)
    description = "\(library.name), runtime \(Self.version(runtime)), driver \(Self.version(driver))"
    // A version is major · 10^7 + minor · 10^5 + patch.
    deviceMemoryType = runtime >= 60_000_000 ? ROPE_HIP_MEMORY_DEVICE : ROPE_HIP_MEMORY_DEVICE_5
    let started = functions.hipInit(0)
    // Old runtimes return the second code instead.
    let none = [Int32(ROPE_HIP_NO_DEVICE), Int32(ROPE_HIP_INVALID_DEVICE)]
    guard !none.contains(started) else { throw missing("\(description), found no GPU (hipInit returned \(started))") }
    guard started == 0 else { throw missing("\(description): hipInit returned \(Self.text(started, library))") }
    var count: Int32 = 0
    let counted = functions.hipGetDeviceCount(&count)
    guard !none.contains(counted), counted != 0 || count > 0 else { throw missing("\(description), found no GPU") }
    guard counted == 0 else { throw missing("hipGetDeviceCount returned \(Self.text(counted, library))") }
    deviceCount = Int(count)
  }

  func device(index: Int) throws(DeviceError) -> any DeviceRuntime {
    try check(index: index, vendor: .amd)
    return try HIPDevice(driver: self, index: index)
  }

  /// The architecture of a GPU without its features: `gfx90a` for `gfx90a:sramecc+:xnack-`.
  ///
  /// Code that names no feature runs with any setting of the features.
  func architecture(index: Int) throws(DeviceError) -> String {
    let current = library.function("hipGetDevicePropertiesR0600", as: RopeHIPGetProperties.self)
    guard let properties = current ?? library.function("hipGetDeviceProperties", as: RopeHIPGetProperties.self) else {
      throw .missingDevice(name: "amd:\(index)", reason: "\(library.name) has no hipGetDeviceProperties")
    }
    var bytes = [CChar](repeating: 0, count: Int(ROPE_HIP_PROPERTIES_SIZE))
    let result = bytes.withUnsafeMutableBytes { properties($0.baseAddress, Int32(index)) }
    guard result == 0 else {
      throw .missingDevice(name: "amd:\(index)", reason: "hipGetDeviceProperties returned \(text(result))")
    }
    let offset = Int(current == nil ? ROPE_HIP_ARCHITECTURE_OFFSET_5 : ROPE_HIP_ARCHITECTURE_OFFSET)
    let name = String(nullTerminated: Array(bytes[offset..<offset + Int(ROPE_HIP_ARCHITECTURE_SIZE)]))
    return String(name.prefix { $0 != ":" })
  }

  /// A result in words, such as `hipErrorOutOfMemory (2): out of memory`.
  func text(_ result: Int32) -> String { Self.text(result, library) }

  private static func text(_ result: Int32, _ library: SharedLibrary) -> String {
    guard let name = library.function("hipGetErrorName", as: RopeHIPErrorText.self)?(result),
      let words = library.function("hipGetErrorString", as: RopeHIPErrorText.self)?(result)
    else { return "the unknown result \(result)" }
    return "\(String(cString: name)) (\(result)): \(String(cString: words))"
  }

  private static func version(_ number: Int32) -> String {
    "\(number / 10_000_000).\(number % 10_000_000 / 100_000).\(number % 100_000)"
  }
}
