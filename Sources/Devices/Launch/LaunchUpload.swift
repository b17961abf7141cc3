import HostKernel
import RoPE

/// The data that one launch needs in device memory besides Q and K: only the angles that the call uses, and the lists
/// of channels and axes if its pairs need them.
struct LaunchUpload {
  /// Bytes that were copied to the device.
  private(set) var byteCount = 0
  /// The memory that the arguments point to; must outlive the launch.
  private(set) var buffers: [DeviceBuffer] = []
  private let device: Device

  /// Uploads the angles and lists of a call and points the arguments to them.
  ///
  /// If `isSlice`, the arguments already say which channels the pairs have.
  ///
  /// - Throws: ``DeviceError`` if the device has no memory for them.
  init(of call: JointCall, isSlice: Bool, to device: Device, in arguments: inout RopeArguments) throws {
    self.device = device
    if !isSlice { arguments.channels = try upload(Self.channels(of: call.plan)) }
    switch call.angles {
    case .none: break
    case .table(let table, let rows):
      arguments.table_type = Int32(table.type.abiCode)
      let (used, renumbered) = Self.compact(rows)
      arguments.cosines = try upload(table.cosines, rows: used, of: table)
      arguments.sines = try upload(table.sines, rows: used, of: table)
      arguments.rows = try upload(renumbered)
    case .frequencies(let frequencies, _, let positions):
      arguments.inverse_frequencies = try upload(frequencies)
      if let integers = positions.integers {
        arguments.positions = try upload(integers)
      } else {
        arguments.rounded_positions = try upload(positions.values.map { Float($0) })
      }
      try uploadAxes(of: call.plan, in: &arguments)
    case .positions(let positions):
      let frequencies = call.plan.frequencies
      arguments.phase_steps = try upload(frequencies.map(\.phaseStep))
      if let integers = positions.integers {
        arguments.positions = try upload(integers)
      } else {
        let fixed = positions.values.map(\.fixedPoint)
        arguments.positions = try upload(fixed.map(\.whole))
        arguments.position_fractions = try upload(fixed.map(\.fraction))
        arguments.whole_turns = try upload(frequencies.map(\.wholeTurns))
      }
      try uploadAxes(of: call.plan, in: &arguments)
    }
  }

  /// Lists the channels that each pair reads and writes, then those that no pair writes.
  private static func channels(of plan: Plan) -> [Int32] {
    let paired = plan.pairs.flatMap { [$0.input.first, $0.input.second, $0.output.first, $0.output.second] }
    return (paired + plan.passThroughChannels).map(Int32.init)
  }

  private mutating func uploadAxes(of plan: Plan, in arguments: inout RopeArguments) throws {
    if plan.pairs.contains(where: { $0.axis != 0 }) {
      arguments.axes = try upload(plan.pairs.map { Int32($0.axis) })
    }
  }

  /// Lists the rows that occur, in order of first use, and each token's index among them.
  static func compact(_ rows: [Int32]) -> (used: [Int32], renumbered: [Int32]) {
    var used: [Int32] = []
    var indices: [Int32: Int32] = [:]
    let renumbered = rows.map { row in
      if let index = indices[row] { return index }
      let index = Int32(used.count)
      indices[row] = index
      used.append(row)
      return index
    }
    return (used, renumbered)
  }

  private mutating func upload(_ patterns: [UInt32], rows: [Int32], of table: CosSinTable) throws
    -> UnsafeRawPointer
  {
    let values = rows.flatMap { row in patterns[Int(row) * table.pairCount..<(Int(row) + 1) * table.pairCount] }
    if table.type.byteCount == 4 { return UnsafeRawPointer(try upload(values)) }
    return UnsafeRawPointer(try upload(values.map(UInt16.init(truncatingIfNeeded:))))
  }

  private mutating func upload<Value: BitwiseCopyable>(_ values: [Value]) throws -> UnsafePointer<Value> {
    let buffer = try values.withUnsafeBytes { bytes in
      let buffer = try DeviceBuffer(device: device, byteCount: bytes.count)
      try buffer.upload(from: bytes)
      return buffer
    }
    buffers.append(buffer)
    byteCount += buffer.byteCount
    return UnsafePointer(buffer.address.assumingMemoryBound(to: Value.self))
  }
}
