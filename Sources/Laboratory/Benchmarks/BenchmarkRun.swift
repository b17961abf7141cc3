import Devices
import Models
import RoPE

/// Measures shapes on one device, one after the other.
package struct BenchmarkRun {
  /// The facts of the measurement.
  package let header: BenchmarkHeader
  private let device: Device
  private let kernel: PositionEmbeddings
  private var angles = BenchmarkAngles()
  private var memory: Memory?

  /// Seconds that a sample should take if one launch is shorter.
  private static let sampleSeconds = 2e-4
  private static let mostLaunches = 100
  /// A block of input: float32 and 16-bit patterns of moderate size, none of them special.
  private static let input: [UInt8] = (0..<1 << 20).map { index in
    index % 2 == 1 ? 0x3C | UInt8(truncatingIfNeeded: index >> 1 & 0x83) : UInt8(truncatingIfNeeded: index &* 157 >> 3)
  }

  /// The two buffers, which shapes of the same sizes share.
  private struct Memory {
    let input: DeviceBuffer
    let output: DeviceBuffer
  }

  /// Prepares a run on a device.
  ///
  /// - Throws: ``DeviceError`` if there is no kernel for the device.
  package init(device: Device, samples: Int, packageVersion: String) throws(DeviceError) {
    self.device = device
    kernel = PositionEmbeddings(device: device, cache: KernelCache())
    header = BenchmarkHeader(
      packageVersion: packageVersion, device: device.name, description: device.description,
      compiler: try device.kernelCompiler, samples: samples)
  }

  /// Measures a shape.
  ///
  /// A shape that the device cannot run, for example for lack of memory, is not measured; the result gives the reason.
  ///
  /// - Throws: an error if the model or the call cannot be made.
  package mutating func measure(_ shape: BenchmarkShape) throws -> BenchmarkResult {
    let model = try Model.named(shape.model)
    let plan = try BenchmarkCall.plan(shape, model)
    let parts = try BenchmarkCall(shape, model, angles: angles.angles(shape, plan))
    do {
      let memory = try memory(of: parts)
      let measurement = try measure(shape, parts, memory)
      return BenchmarkResult(shape, measurement)
    } catch let error as DeviceError {
      memory = nil
      return BenchmarkResult(notMeasured: shape, reason: error.description)
    } catch let error as TooLittleMemory {
      return BenchmarkResult(notMeasured: shape, reason: error.description)
    }
  }

  /// More memory is needed than the device has left.
  struct TooLittleMemory: Error, CustomStringConvertible {
    let needed, free: Int
    var description: String {
      "it needs \(Self.gibibytes(needed)) GiB, but only \(Self.gibibytes(free)) GiB are free on the device"
    }

    private static func gibibytes(_ bytes: Int) -> String { "\(Double((bytes * 10) >> 30) / 10)" }
  }

  /// The buffers of the last shape if they fit, or new ones with inputs in them.
  private mutating func memory(of parts: BenchmarkCall) throws -> Memory {
    let counts = parts.byteCounts
    if let memory, (memory.input.byteCount, memory.output.byteCount) == counts { return memory }
    // Freed before the new ones are made.
    memory = nil
    // The angles need at most a twentieth more.
    let (needed, free) = ((counts.input + counts.output) / 20 * 21, try device.freeByteCount)
    guard needed <= free else { throw TooLittleMemory(needed: needed, free: free) }
    let made = Memory(
      input: try DeviceBuffer(device: device, byteCount: counts.input),
      output: try DeviceBuffer(device: device, byteCount: counts.output))
    try made.input.fill(repeating: Self.input)
    try made.output.fill(repeating: Self.input)
    memory = made
    return made
  }

  private func measure(
    _ shape: BenchmarkShape, _ parts: BenchmarkCall, _ memory: Memory
  ) throws -> BenchmarkResult.Measurement {
    guard let launch = try kernel.prepare(parts.call, buffers: [memory.input, memory.output]).first else {
      throw DeviceError.unsupported(reason: "a call without tokens launches nothing that could be timed")
    }
    // The first launch is checked in full: memory, timer and record.
    _ = try launch.launch()
    let count = min(max(Int(Self.sampleSeconds / (try launch.seconds(launches: 3))), 1), Self.mostLaunches)
    let plain = device == .host ? PlainLoop(shape, parts.call) : nil
    var times: (launch: [Double], copy: [Double], empty: [Double], plain: [Double]) = ([], [], [], [])
    for sample in 0...header.samples {
      let launched = try launch.seconds(launches: count)
      let copied = try memory.output.seconds(copying: parts.tensorByteCount, from: memory.input, times: count)
      let empty = shape.isDecode ? try launch.secondsOfNothing(launches: count) : nil
      let looped = plain?.seconds()
      // The first sample warms up.
      guard sample > 0 else { continue }
      times.launch.append(launched)
      times.copy.append(copied)
      if let empty { times.empty.append(empty) }
      if let looped { times.plain.append(looped) }
    }
    return BenchmarkResult.Measurement(
      launches: count, seconds: Self.median(times.launch) ?? 0,
      bytes: 2 * parts.tensorByteCount + launch.uploadedByteCount, copySeconds: Self.median(times.copy) ?? 0,
      copyBytes: 2 * parts.tensorByteCount, emptySeconds: Self.median(times.empty),
      plainSeconds: Self.median(times.plain))
  }

  /// The middle value, or the lower of two middle values; nil for none.
  static func median(_ values: [Double]) -> Double? {
    values.isEmpty ? nil : values.sorted()[(values.count - 1) / 2]
  }
}
