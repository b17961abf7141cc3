import ArgumentParser
import Devices

struct DevicesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "devices",
    abstract: "Lists the devices and compilers that were found, and why the others cannot be used.",
    examples: ["devices"])

  func run() throws {
    let entries = DeviceInventory().entries
    let width = entries.map(\.name.count).max() ?? 0
    for entry in entries {
      let name = entry.name + String(repeating: " ", count: width - entry.name.count)
      try print("\(entry.isFound ? "✓" : "–") \(name)  \(entry.text)")
    }
  }
}
