import HostKernel
import RoPE

/// The angles of one call in device memory, and no more of them than the call uses.
struct AngleUpload {
  /// Bytes that were copied to the device.
  private(set) var byteCount = 0
  /// The memory that the arguments point to; it must outlive the launch.
  private(set) var buffers: [DeviceBuffer] = []
  private let device: Device

  /// Uploads the angles of a call and points the arguments to them.
  ///
  /// - Throws: ``HIPError`` where the device has no memory for them.
  init(of call: RotationCall, to device: Device, in arguments: inout RopeArguments) throws {
    self.device = device
    switch call.angles {
    case .none:
      arguments.contract = Int32(ROPE_NONE)
    case .table(let table, let rows):
      arguments.contract = Int32(ROPE_TABLE)
      arguments.table_type = table.type.kernelCode
      let (used, renumbered) = Self.compact(rows)
      arguments.cosines = try upload(table.cosines, rows: used, of: table)
      arguments.sines = try upload(table.sines, rows: used, of: table)
      arguments.rows = try upload(renumbered)
    case .frequencies(let frequencies, _, let positions):
      arguments.contract = Int32(ROPE_FREQUENCY)
      arguments.inverse_frequencies = try upload(frequencies)
      arguments.positions = try upload(positions)
    case .positions(let positions):
      arguments.contract = Int32(ROPE_POSITION)
      arguments.phase_steps = try upload(
        call.plan.pairs.map { $0.frequency.table.phaseStep(ofPair: $0.frequency.index) })
      arguments.positions = try upload(positions)
    }
  }

  /// The rows that occur, in order of their first use, and each token's index among them.
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
