import Foundation

/// A vendor's driver, loaded and started.
protocol GPUDriver: Sendable {
  /// The library and the versions of driver and runtime, for people.
  var description: String { get }
  /// The number of its GPUs.
  var deviceCount: Int { get }
  /// One of its GPUs, ready to work.
  ///
  /// - Throws: ``DeviceError/missingDevice(name:reason:)`` if there is no GPU of that index.
  func device(index: Int) throws(DeviceError) -> any DeviceRuntime
}

extension GPUVendor {
  /// The driver on this machine, started once, on first use.
  ///
  /// - Throws: ``DeviceError/missingDevice(name:reason:)``, which says what is missing.
  var driver: any GPUDriver {
    get throws(DeviceError) {
      switch self {
      case .amd: try Self.amdDriver.get()
      case .nvidia: try Self.nvidiaDriver.get()
      }
    }
  }

  private static let amdDriver = Result { () throws(DeviceError) in try HIPDriver() }
  private static let nvidiaDriver = Result { () throws(DeviceError) in try CUDADriver() }
}

extension GPUDriver {
  /// Checks that there is a GPU of that index.
  func check(index: Int, vendor: GPUVendor) throws(DeviceError) {
    guard index < deviceCount else {
      throw .missingDevice(
        name: "\(vendor.rawValue):\(index)",
        reason: "the driver has \(deviceCount) \(deviceCount == 1 ? "GPU" : "GPUs"), numbered from 0")
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
  /// The text that a C function wrote into a buffer.
  init(nullTerminated buffer: [CChar]) {
    self.init(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
}

/// A library that is loaded when first needed.
///
/// It stays loaded, because drivers do not tolerate being unloaded.
///
/// Unchecked because of the handle, which the loader only reads.
struct SharedLibrary: @unchecked Sendable {
  /// The name under which it was found.
  let name: String
  let handle: UnsafeMutableRawPointer

  /// The reason that none of several libraries can be used.
  struct Missing: Error {
    let reason: String
  }

  /// Loads the first of several versions that the loader finds.
  init(firstOf names: [String]) throws(Missing) {
    var broken: String?
    for name in names {
      if let handle = dlopen(name, RTLD_NOW | RTLD_LOCAL) {
        self.name = name
        self.handle = handle
        return
      }
      // "NAME: cannot open …" means that the library itself is missing; other messages mean that it needs something
      // else.
      let message = dlerror().map { String(cString: $0) } ?? "unknown reason"
      if !message.hasPrefix("\(name): cannot open shared object file") { broken = broken ?? message }
    }
    throw Missing(reason: broken ?? "the loader cannot find \(names.joined(separator: " or "))")
  }

  /// Finds a function by its name and type; nil if the library does not have it.
  func function<Function>(_ name: String, as type: Function.Type) -> Function? {
    dlsym(handle, name).map { unsafeBitCast($0, to: type) }
  }
}
