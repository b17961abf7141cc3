import Backends

/// What the device says about all runs of a case.
public struct DeviceWork: Codable, Sendable, Equatable {
  /// Launches that it has a record of.
  public private(set) var launches = 0
  /// Their time together by its own timer; nil where it has none.
  public private(set) var milliseconds: Double?

  /// With another run.
  func adding(_ evidence: Evidence) -> DeviceWork {
    var sum = self
    sum.launches += 1
    if let time = evidence.milliseconds { sum.milliseconds = (milliseconds ?? 0) + time }
    return sum
  }
}
