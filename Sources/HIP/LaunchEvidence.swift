import HostKernel
import Synchronization

/// What the device itself wrote about a launch, after it was checked.
public struct LaunchEvidence: Sendable, Equatable {
  /// The device that ran the kernel.
  public let deviceName: String
  /// The number of the launch, unique in this process and never 0, as the device echoed it.
  public let launchNumber: UInt32
  /// The blocks that the device counted as finished; one per token.
  public let blockCount: Int
  /// Bytes that this launch copied to the device: its angles, and lists of its pairs. Q and K were there
  /// already.
  public let uploadedByteCount: Int

  /// Accepts the device's record of a launch, or finds that the device did not do the work.
  ///
  /// - Throws: ``HIPError/launchNumber(device:found:expected:)`` and
  ///   ``HIPError/blockCount(device:launch:found:expected:)``.
  init(
    record: RopeLaunchRecord, deviceName: String, launchNumber: UInt32, tokenCount: Int, uploadedByteCount: Int
  ) throws(HIPError) {
    guard record.launch == launchNumber else {
      throw .launchNumber(device: deviceName, found: record.launch, expected: launchNumber)
    }
    guard Int(record.blocks) == tokenCount else {
      throw .blockCount(device: deviceName, launch: launchNumber, found: record.blocks, expected: tokenCount)
    }
    self.deviceName = deviceName
    self.launchNumber = launchNumber
    self.blockCount = tokenCount
    self.uploadedByteCount = uploadedByteCount
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
