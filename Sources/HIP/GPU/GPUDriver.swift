/// A vendor's driver, loaded and started.
protocol GPUDriver: Sendable {
  /// The library and the versions of driver and runtime, for people.
  var description: String { get }
  /// How many GPUs it has.
  var deviceCount: Int { get }
  /// One of its GPUs, ready to work.
  ///
  /// - Throws: ``HIPError/missingDevice(name:reason:)`` where it has not got as many.
  func device(index: Int) throws(HIPError) -> any DeviceRuntime
}

extension GPUVendor {
  /// The driver of this machine; started on first use, once.
  ///
  /// - Throws: ``HIPError/missingDevice(name:reason:)``, which says what is missing.
  var driver: any GPUDriver {
    get throws(HIPError) {
      switch self {
      case .amd: try Self.amdDriver.get()
      case .nvidia: try Self.nvidiaDriver.get()
      }
    }
  }

  private static let amdDriver = Result { () throws(HIPError) in try HIPDriver() }
  private static let nvidiaDriver = Result { () throws(HIPError) in try CUDADriver() }
}

extension GPUDriver {
  /// Checks that there is a GPU of that index.
  func check(index: Int, vendor: GPUVendor) throws(HIPError) {
    guard index < deviceCount else {
      throw .missingDevice(
        name: "\(vendor.rawValue):\(index)",
        reason: "the driver has \(deviceCount) \(deviceCount == 1 ? "GPU" : "GPUs"), counted from 0")
    }
  }
}

/// A driver's handle of a module, function or context.
///
/// Unchecked because of the pointer, which is never dereferenced here; drivers take handles on any thread.
struct GPUHandle: @unchecked Sendable {
  let pointer: UnsafeMutableRawPointer
}

extension String {
  /// What a C function wrote into a buffer.
  init(nullTerminated buffer: [CChar]) {
    self.init(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
}
