import Foundation
import Testing

@testable import Devices

@Suite(.timeLimit(.minutes(30))) struct DeviceTests {
  @Test("The host is found by its name and says what it is")
  func host() throws {
    let device = try Device(named: "host")
    let cores = ProcessInfo.processInfo.activeProcessorCount
    #expect(device == .host)
    #expect(device.name == "host")
    #expect(device.description.hasPrefix("host CPU, \(cores) core"))
  }

  @Test(
    "An unknown name is answered with those that exist",
    arguments: [
      "gpu9", "", "host:0", "auto:1", "amd:", "amd:x", "amd:-1", "amd:+1", "amd:1:2", "nvidia:99999999999999999999",
      "AMD",
    ])
  func unknown(name: String) {
    let forms = ["auto", "host", "amd", "amd:INDEX", "nvidia", "nvidia:INDEX"]
    let error = #expect(throws: DeviceError.self) { try Device(named: name) }
    #expect(error == .unknownDevice(name: name, available: forms))
    #expect(error?.description == "no device is named \"\(name)\": choose from \(forms.joined(separator: ", "))")
  }

  @Test("A GPU without an index is the first")
  func names() throws {
    #expect(try DeviceName("auto") == .auto)
    #expect(try DeviceName("amd") == .gpu(.amd, index: 0))
    #expect(try DeviceName("nvidia:12") == .gpu(.nvidia, index: 12))
  }

  @Test("Where a GPU is required, the host is an error")
  func required() {
    #expect(throws: DeviceError.requiredDevice(required: "amd", found: "host")) {
      try Device(named: "host", required: "amd")
    }
    #expect(throws: DeviceError.unknownDevice(name: "host", available: ["amd", "nvidia"])) {
      try Device(named: "host", required: "host")
    }
  }
}
