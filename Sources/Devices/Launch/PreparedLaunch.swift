import HostKernel
import RoPE

/// A call whose angles are on the device, ready to be launched repeatedly.
///
/// Only one thread at a time may use it.
package final class PreparedLaunch {
  private let device: Device
  private let call: JointCall
  private let buffers: [DeviceBuffer]
  private let kernel: any LoadedKernel
  private let upload: LaunchUpload
  private let record: DeviceBuffer
  private let shape: LaunchShape
  private var arguments: RopeArguments

  /// Prepares a call that has been checked.
  init(_ call: JointCall, buffers: [DeviceBuffer], on device: Device, cache: KernelCache) throws {
    self.device = device
    self.call = call
    self.buffers = buffers
    record = try DeviceBuffer(device: device, byteCount: MemoryLayout<RopeLaunchRecord>.size)
    let slice = RotarySlice(pairs: call.plan.pairs)
    var arguments = RopeArguments(call, slice: slice, buffers: buffers)
    arguments.record = record.address.assumingMemoryBound(to: RopeLaunchRecord.self)
    upload = try LaunchUpload(of: call, isSlice: slice != nil, to: device, in: &arguments)
    shape = device.runtime.shape(tokens: call.tokenCount, arguments)
    arguments.blocks_per_token = Int32(shape.blocksPerToken)
    kernel = try cache.kernel(KernelName(arguments, elementType: call.elementType), for: device)
    self.arguments = arguments
  }

  /// Bytes of the call's angles and lists on the device.
  package var uploadedByteCount: Int { upload.byteCount }

  /// Launches once and waits for it.
  ///
  /// - Returns: the device's account of its work, checked.
  /// - Throws: ``DeviceError`` if the device did not do the work.
  package func launch() throws(DeviceError) -> LaunchEvidence {
    let (written, milliseconds) = try run(times: 1)
    return try LaunchEvidence(
      record: written, device: device, launchNumber: arguments.launch, tokenCount: call.tokenCount,
      blocksPerToken: shape.blocksPerToken, uploadedByteCount: upload.byteCount, locations: try locations(),
      milliseconds: milliseconds)
  }

  /// Launches several times, one after the other, and waits once.
  ///
  /// - Returns: the seconds of one launch by the device's own timer, or by the clock if it has none.
  /// - Throws: ``DeviceError`` if the device did not do the work of every launch.
  package func seconds(launches: Int) throws(DeviceError) -> Double {
    let start = ContinuousClock.now
    let (written, milliseconds) = try run(times: launches)
    let elapsed = (ContinuousClock.now - start) / .seconds(1)
    // The device counts blocks in 32 bits.
    let expected = UInt32(truncatingIfNeeded: shape.blocks * launches)
    guard written.blocks == expected else {
      throw .blockCount(
        device: device.name, launch: arguments.launch, found: written.blocks, expected: Int(expected))
    }
    return (milliseconds.map { $0 / 1e3 } ?? elapsed) / Double(launches)
  }

  private func run(times: Int) throws(DeviceError) -> (RopeLaunchRecord, milliseconds: Double?) {
    try record.clear()
    arguments.launch = LaunchNumber.next()
    let milliseconds = try kernel.run(arguments, shape: shape, times: times)
    var written = RopeLaunchRecord()
    do {
      try withUnsafeMutableBytes(of: &written) { try record.download(into: $0) }
    } catch let error as DeviceError {
      throw error
    } catch {
      throw .driver(call: "the download of the record", device: device.name, reason: "\(error)")
    }
    return (written, milliseconds)
  }

  /// The driver's locations of Q and K, inputs and outputs.
  private func locations() throws(DeviceError) -> [MemoryLocation] {
    let views = [call.query.input, call.query.output, call.key.input, call.key.output]
    return try Set(views.map(\.buffer)).map { buffer throws(DeviceError) in
      try device.runtime.location(of: buffers[buffer].address)
    }
  }

  /// The seconds that one launch of the same shape takes on the device if its kernel does nothing; nil on the host,
  /// where launches cost nothing.
  ///
  /// - Throws: ``DeviceError``.
  package func secondsOfNothing(launches: Int) throws(DeviceError) -> Double? {
    guard device.runtime.vendor != nil else { return nil }
    return try device.runtime.loadKernel(.nothing).run(arguments, shape: shape, times: launches).map {
      $0 / 1e3 / Double(launches)
    }
  }
}
