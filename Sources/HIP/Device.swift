/// Something that runs the kernel.
public struct Device: Sendable, Equatable, CustomStringConvertible {
  let runtime: any DeviceRuntime

  init(runtime: any DeviceRuntime) {
    self.runtime = runtime
  }

  /// The CPU: the same kernel source, compiled for this machine, its blocks spread over the cores.
  public static let host = Device(runtime: HostRuntime())

  /// Every device that can be asked for.
  public static var all: [Device] { [host] }

  /// The device of that name.
  ///
  /// - Throws: ``HIPError/unknownDevice(name:available:)``, which lists the names that exist.
  public init(named name: String) throws(HIPError) {
    guard let device = Self.all.first(where: { $0.name == name }) else {
      throw .unknownDevice(name: name, available: Self.all.map(\.name))
    }
    self = device
  }

  /// The name by which the device is asked for, such as `host`; no two devices share one.
  public var name: String { runtime.name }

  /// What the device is, such as `host CPU, 2 cores`.
  public var description: String { runtime.description }

  /// Whether both have the same name.
  public static func == (first: Device, second: Device) -> Bool { first.name == second.name }
}
