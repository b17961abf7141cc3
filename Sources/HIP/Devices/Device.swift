/// Something that runs the kernel.
public struct Device: Sendable, Equatable, CustomStringConvertible {
  let runtime: any DeviceRuntime

  init(runtime: any DeviceRuntime) {
    self.runtime = runtime
  }

  /// The CPU: the same kernel source, compiled for this machine, its blocks spread over the cores.
  public static let host = Device(runtime: HostRuntime())

  /// The forms of the names that a device can be asked for by.
  public static let names = DeviceName.forms

  /// The device of that name: `host`, `amd` or `nvidia` (its first GPU), `amd:1` and so on, or `auto`, which is the
  /// first GPU that is there, else the host.
  ///
  /// - Parameter required: `amd` or `nvidia` where nothing but a GPU of that vendor will do; nil else.
  /// - Throws: ``HIPError/unknownDevice(name:available:)``, which lists the forms of a name;
  ///   ``HIPError/missingDevice(name:reason:)`` where it is not there, which says what is missing; and
  ///   ``HIPError/requiredDevice(required:found:)``.
  public init(named name: String, required: String? = nil) throws(HIPError) {
    let vendor = try required.map { name throws(HIPError) in
      guard let vendor = GPUVendor(rawValue: name) else {
        throw .unknownDevice(name: name, available: GPUVendor.allCases.map(\.rawValue))
      }
      return vendor
    }
    switch try DeviceName(name) {
    case .host: self = .host
    case .gpu(let vendor, let index): self.init(runtime: try vendor.driver.device(index: index))
    // What is required is what is preferred, and its absence is told with its reason.
    case .auto:
      if let vendor {
        self.init(runtime: try vendor.driver.device(index: 0))
      } else {
        self = try .preferred()
      }
    }
    if let vendor, vendor != runtime.vendor { throw .requiredDevice(required: vendor.rawValue, found: self.name) }
  }

  /// The first GPU of the first vendor that has one, or the host. A GPU that is there and does not work is an error.
  private static func preferred() throws(HIPError) -> Device {
    for vendor in GPUVendor.allCases {
      guard let driver = try? vendor.driver, driver.deviceCount > 0 else { continue }
      return Device(runtime: try driver.device(index: 0))
    }
    return .host
  }

  /// The name by which the device is asked for, such as `host` or `nvidia:0`; no two devices share one.
  public var name: String { runtime.name }

  /// What the device is, such as `host CPU, 2 cores`.
  public var description: String { runtime.description }

  /// Bytes that could be reserved now, as far as the driver or the system can say.
  ///
  /// - Throws: ``HIPError/driver(call:device:reason:)``.
  public var freeByteCount: Int { get throws(HIPError) { try runtime.freeByteCount() } }

  /// The compiler of the kernel on this device, by its own words.
  ///
  /// - Throws: ``HIPError/noKernel(target:reason:)`` where there is no code for it.
  public var kernelCompiler: String { get throws(HIPError) { try runtime.kernelCompiler() } }

  /// Whether both have the same name.
  public static func == (first: Device, second: Device) -> Bool { first.name == second.name }
}
