import RoPE

/// Anything that takes a call and its memory and returns rotated tensors.
public protocol RoPEBackend: Sendable {
  /// The name that reports use, such as `hip`.
  var name: String { get }
  /// The device that does the work and keeps a record of it; nil if only the backend says what ran.
  ///
  /// The evidence of every call must name it.
  var deviceName: String? { get }
  /// One line for people: implementation and device.
  var summary: String { get }

  /// True if the suite may try invalid calls on this backend, which must refuse them.
  ///
  /// A call is invalid if a pair has a channel beyond the head, or a token has a row beyond the table. A backend that
  /// does not check this may crash the process that it shares with the suite, so this is false unless it says otherwise.
  var refusesInvalidCalls: Bool { get }

  /// Decides if this backend can carry out a call.
  ///
  /// - Parameter call: The call, without its memory.
  /// - Returns: `.supported`, or the reason that this backend cannot carry out the call.
  /// - Throws: Any error, which fails the case.
  func support(for call: RotationCall) throws -> Support

  /// Rotates the tensors of a call, whose views name the buffers of the memory.
  ///
  /// Only the elements of the call's outputs may change.
  ///
  /// - Parameters:
  ///   - call: The call to carry out.
  ///   - memory: The buffers that the call's views name by index.
  /// - Returns: The device's own record of its work; nil if ``deviceName`` is nil, or the call has no tokens.
  /// - Throws: Any error, which fails the case.
  func rotate(_ call: RotationCall, in memory: CallMemory) throws -> Evidence?
}

extension RoPEBackend {
  /// Nil: only the backend says what ran.
  public var deviceName: String? { nil }

  /// False: the backend does not say that it checks calls.
  public var refusesInvalidCalls: Bool { false }
}

/// A backend that takes its buffers only in memory of its own.
package protocol MemoryMakingBackend: RoPEBackend {
  /// Memory for a call's buffers, of these sizes in bytes.
  func makeMemory(byteCounts: [Int]) throws -> CallMemory
}

extension RoPEBackend {
  /// Memory for a call's buffers, of these sizes in bytes: the backend's own, or host memory of this process.
  package func memory(byteCounts: [Int]) throws -> CallMemory {
    try (self as? any MemoryMakingBackend)?.makeMemory(byteCounts: byteCounts) ?? CallMemory(byteCounts: byteCounts)
  }
}

/// A backend in which something can go wrong that belongs to no call.
package protocol ProblemNotingBackend: RoPEBackend {
  /// Ends the work of the backend, because no more calls follow.
  ///
  /// - Returns: the problems that belong to no call, one sentence each.
  func finish() -> [String]
}

/// A backend to which some calls cannot even be put.
package protocol CallLimitedBackend: RoPEBackend {
  /// The reason that a call cannot be put to the backend, which is no answer of its own; nil if it can.
  func limit(for call: RotationCall) -> String?
}

/// An error by which a backend did not refuse a call, but broke down: it crashed, hung or wrote where it may not.
package protocol BackendBreakdown: Error {}

/// The record that a device keeps of its own work.
public struct Evidence: Sendable, Equatable {
  /// The device that did it.
  public let deviceName: String
  /// Tokens that the device counted: those that Q and K share once, and tokens of their own for each.
  public let tokenCount: Int
  /// The number of the launch; no two launches of a process have the same.
  public let launchNumber: UInt32
  /// The duration by the device's own timer; nil if it has none.
  public let milliseconds: Double?

  /// Evidence as a device gave it.
  public init(deviceName: String, tokenCount: Int, launchNumber: UInt32, milliseconds: Double? = nil) {
    self.deviceName = deviceName
    self.tokenCount = tokenCount
    self.launchNumber = launchNumber
    self.milliseconds = milliseconds
  }
}
