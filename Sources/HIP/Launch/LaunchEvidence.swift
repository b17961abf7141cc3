import HostKernel
import Synchronization

/// What the device itself says about a launch, after it was checked.
public struct LaunchEvidence: Sendable, Equatable {
  /// The device that ran the kernel.
  public let deviceName: String
  /// The number of the launch, unique in this process and never 0, as the device echoed it.
  public let launchNumber: UInt32
  /// The blocks that the device counted as finished: one per token, or several where few tokens are to fill a GPU.
  public let blockCount: Int
  /// The tokens that those blocks rotated.
  public let tokenCount: Int
  /// Bytes that this launch copied to the device: its angles, and lists of its pairs. Q and K were there
  /// already.
  public let uploadedByteCount: Int
  /// Where Q and K lie, inputs and outputs, by the word of the driver.
  public let memory: MemoryPlace
  /// The duration of the launch by the GPU's own timer, in milliseconds; nil on the host.
  public let milliseconds: Double?

  /// Accepts what a device says about a launch, or finds that the device did not do the work.
  ///
  /// - Parameters:
  ///   - sharesOfToken: the blocks of each token.
  ///   - places: where the driver says that Q and K lie.
  /// - Throws: ``HIPError/launchNumber(device:found:expected:)``, ``HIPError/blockCount(device:launch:found:expected:)``,
  ///   ``HIPError/memoryPlace(device:found:expected:)`` and ``HIPError/launchTime(device:launch:milliseconds:)``.
  init(
    record: RopeLaunchRecord, device: Device, launchNumber: UInt32, tokenCount: Int, sharesOfToken: Int = 1,
    uploadedByteCount: Int, places: [MemoryPlace], milliseconds: Double?
  ) throws(HIPError) {
    guard record.launch == launchNumber else {
      throw .launchNumber(device: device.name, found: record.launch, expected: launchNumber)
    }
    let blockCount = tokenCount * sharesOfToken
    guard Int(record.blocks) == blockCount else {
      throw .blockCount(device: device.name, launch: launchNumber, found: record.blocks, expected: blockCount)
    }
    memory = device.runtime.memory
    for place in places where place != memory {
      throw .memoryPlace(device: device.name, found: place, expected: memory)
    }
    // The host has no timer of its own; a GPU must have needed some time.
    let isTimed = memory == .host ? milliseconds == nil : (milliseconds ?? 0) > 0
    guard isTimed else { throw .launchTime(device: device.name, launch: launchNumber, milliseconds: milliseconds) }
    deviceName = device.name
    self.launchNumber = launchNumber
    self.blockCount = blockCount
    self.tokenCount = tokenCount
    self.uploadedByteCount = uploadedByteCount
    self.milliseconds = milliseconds
  }
}

/// Numbers for launches: 1, 2, 3 and so on; 0 is what a record says before its launch.
enum LaunchNumber {
  private static let last = Atomic<UInt32>(0)

  static func next() -> UInt32 {
    let number = last.wrappingAdd(1, ordering: .relaxed).newValue
    return number == 0 ? next() : number
  }
}
