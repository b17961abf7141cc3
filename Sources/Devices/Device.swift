/// A processor that runs the kernel.
package struct Device: Sendable, Equatable, CustomStringConvertible {
  let runtime: any DeviceRuntime

  init(runtime: any DeviceRuntime) {
    self.runtime = runtime
  }

  /// The CPU: the same kernel source, compiled for this machine, its blocks spread over the cores.
  package static let host = Device(runtime: HostRuntime())

  /// The forms of the names by which a device can be requested.
  package static let names = DeviceName.forms

  /// Finds the device of a name: `host`, `amd` or `nvidia` (its first GPU), `amd:1` and so on, or `auto`, which is the
  /// first GPU found, or else the host.
  ///
  /// `required` is `amd` or `nvidia` where nothing but a GPU of that vendor will do; otherwise nil.
  ///
  /// - Throws: ``DeviceError/unknownDevice(name:available:)``, which lists the forms of a name;
  ///   ``DeviceError/missingDevice(name:reason:)``, which says what is missing; and
  ///   ``DeviceError/requiredDevice(required:found:)``.
  package init(named name: String, required: String? = nil) throws(DeviceError) {
    let vendor = try required.map { name throws(DeviceError) in
      guard let vendor = GPUVendor(rawValue: name) else {
        throw .unknownDevice(name: name, available: GPUVendor.allCases.map(\.rawValue))
      }
      return vendor
    }
    switch try DeviceName(name) {
    case .host: self = .host
    case .gpu(let vendor, let index): self.init(runtime: try vendor.driver.device(index: index))
    // The required vendor is preferred, so that its absence is reported with the reason.
    case .auto:
      if let vendor {
        self.init(runtime: try vendor.driver.device(index: 0))
      } else {
        self = try .preferred()
      }
    }
    if let vendor, vendor != runtime.vendor { throw .requiredDevice(required: vendor.rawValue, found: self.name) }
  }

  /// The first GPU of the first vendor that has one, or the host.
  ///
  /// A GPU that is present but does not work is an error.
  private static func preferred() throws(DeviceError) -> Device {
    for vendor in GPUVendor.allCases {
      guard let driver = try? vendor.driver, driver.deviceCount > 0 else { continue }
      return Device(runtime: try driver.device(index: 0))
    }
    return .host
  }

  /// The name by which the device is requested, such as `host` or `nvidia:0`; no two devices share one.
  package var name: String { runtime.name }

  /// A description for people, such as `host CPU, 2 cores`.
  package var description: String { runtime.description }

  /// Bytes that could be allocated now, as far as the driver or the system can tell.
  ///
  /// - Throws: ``DeviceError/driver(call:device:reason:)``.
  package var freeByteCount: Int { get throws(DeviceError) { try runtime.freeByteCount() } }

  /// The compiler of the kernel on this device, as it describes itself.
  ///
  /// - Throws: ``DeviceError/noKernel(target:reason:)`` if there is no code for the device.
  package var kernelCompiler: String { get throws(DeviceError) { try runtime.kernelCompiler() } }

  /// Compares the names of two devices.
  package static func == (first: Device, second: Device) -> Bool { first.name == second.name }
}

/// A parsed name of a device.
enum DeviceName: Equatable {
  /// The first GPU found, or the host.
  case auto
  case host
  /// One of a vendor's GPUs, counted from 0 as its driver counts them.
  case gpu(GPUVendor, index: Int)

  /// The forms of a name, for messages.
  static let forms = ["auto", "host"] + GPUVendor.allCases.flatMap { [$0.rawValue, "\($0.rawValue):INDEX"] }

  /// Parses `auto`, `host`, `amd`, `nvidia:1` and so on; a vendor without an index means its first GPU.
  ///
  /// - Throws: ``DeviceError/unknownDevice(name:available:)``, which lists the forms.
  init(_ name: String) throws(DeviceError) {
    let parts = name.split(separator: ":", omittingEmptySubsequences: false)
    switch (parts.count, parts.first.map(String.init)) {
    case (1, "auto"): self = .auto
    case (1, "host"): self = .host
    case (1...2, let vendor?):
      guard let vendor = GPUVendor(rawValue: vendor), let index = parts.count == 1 ? 0 : Self.index(parts[1]) else {
        fallthrough
      }
      self = .gpu(vendor, index: index)
    default: throw .unknownDevice(name: name, available: Self.forms)
    }
  }

  /// Parses digits only, because Swift also reads `+1`.
  private static func index(_ text: Substring) -> Int? {
    text.allSatisfy { ("0"..."9").contains($0) } ? Int(text) : nil
  }
}

/// The maker of a GPU, whose libraries run the kernel on it.
package enum GPUVendor: String, Sendable, CaseIterable {
  case amd, nvidia
}
