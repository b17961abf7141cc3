import HostKernel
import Synchronization

/// The device's own account of a launch, checked.
package struct LaunchEvidence: Sendable, Equatable {
  /// The device that ran the kernel.
  package let deviceName: String
  /// The number of the launch, unique in this process and never 0, as the device echoed it.
  package let launchNumber: UInt32
  /// The blocks that the device counted as finished: one per token, or several if few tokens have to fill a GPU.
  package let blockCount: Int
  /// The tokens that those blocks rotated.
  package let tokenCount: Int
  /// Bytes that this launch copied to the device: its angles, and lists of its pairs.
  ///
  /// Q and K were already there.
  package let uploadedByteCount: Int
  /// The location of Q and K, inputs and outputs, according to the driver.
  package let memory: MemoryLocation
  /// The duration of the launch by the GPU's own timer, in milliseconds; nil on the host.
  package let milliseconds: Double?

  /// Accepts the device's account of a launch, or finds that the device did not do the work.
  ///
  /// Each token has `blocksPerToken` blocks. `locations` are where the driver says that Q and K lie.
  ///
  /// - Throws: ``DeviceError/launchNumber(device:found:expected:)``,
  ///   ``DeviceError/blockCount(device:launch:found:expected:)``,
  ///   ``DeviceError/memoryLocation(device:found:expected:)`` and
  ///   ``DeviceError/launchTime(device:launch:milliseconds:)``.
  init(
    record: RopeLaunchRecord, device: Device, launchNumber: UInt32, tokenCount: Int, blocksPerToken: Int = 1,
    uploadedByteCount: Int, locations: [MemoryLocation], milliseconds: Double?
  ) throws(DeviceError) {
    guard record.launch == launchNumber else {
      throw .launchNumber(device: device.name, found: record.launch, expected: launchNumber)
    }
    let blockCount = tokenCount * blocksPerToken
    guard Int(record.blocks) == blockCount else {
      throw .blockCount(device: device.name, launch: launchNumber, found: record.blocks, expected: blockCount)
    }
    memory = device.runtime.memory
    for location in locations where location != memory {
      throw .memoryLocation(device: device.name, found: location, expected: memory)
    }
    // The host has no timer of its own; a GPU must have taken some time.
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

extension LaunchEvidence {
  private init(
    deviceName: String, launchNumber: UInt32, blockCount: Int, tokenCount: Int, uploadedByteCount: Int,
    memory: MemoryLocation, milliseconds: Double?
  ) {
    self.deviceName = deviceName
    self.launchNumber = launchNumber
    self.blockCount = blockCount
    self.tokenCount = tokenCount
    self.uploadedByteCount = uploadedByteCount
    self.memory = memory
    self.milliseconds = milliseconds
  }

  /// The account of a call of two launches on one device: the sum of both, with the number of the later one.
  func followed(by later: LaunchEvidence) -> LaunchEvidence {
    LaunchEvidence(
      deviceName: deviceName, launchNumber: later.launchNumber, blockCount: blockCount + later.blockCount,
      tokenCount: tokenCount + later.tokenCount, uploadedByteCount: uploadedByteCount + later.uploadedByteCount,
      memory: memory, milliseconds: milliseconds.flatMap { first in later.milliseconds.map { first + $0 } })
  }
}

/// Numbers launches 1, 2, 3 and so on; a record holds 0 before its launch.
enum LaunchNumber {
  private static let last = Atomic<UInt32>(0)

  static func next() -> UInt32 {
    let number = last.wrappingAdd(1, ordering: .relaxed).newValue
    return number == 0 ? next() : number
  }
}
