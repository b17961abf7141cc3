/// The devices and compilers for the kernel on this machine, with the reason for each that cannot be used.
package struct DeviceInventory: Sendable {
  /// The name of a device, driver or compiler, and what was found.
  package struct Entry: Sendable, Equatable {
    package let name: String
    package let text: String
    package let isFound: Bool
  }

  /// The host, every GPU, and the compilers, in that order.
  package let entries: [Entry]

  /// Searches for everything.
  package init() {
    entries =
      [Entry(name: "host", text: Device.host.description, isFound: true)]
      + GPUVendor.allCases.flatMap(Self.gpus) + GPUVendor.allCases.map(Self.compiler)
  }

  private static func gpus(of vendor: GPUVendor) -> [Entry] {
    do {
      let driver = try vendor.driver
      return (0..<driver.deviceCount).map { index in
        let name = "\(vendor.rawValue):\(index)"
        do {
          return Entry(name: name, text: try driver.device(index: index).description, isFound: true)
        } catch {
          return Entry(name: name, text: "\(error)", isFound: false)
        }
      }
    } catch {
      return [Entry(name: vendor.rawValue, text: "\(error)", isFound: false)]
    }
  }

  private static func compiler(of vendor: GPUVendor) -> Entry {
    let name = "compiler for \(vendor.rawValue)"
    do {
      return Entry(name: name, text: try RunTimeCompiler(of: vendor).description, isFound: true)
    } catch {
      return Entry(name: name, text: error.reason, isFound: false)
    }
  }
}
