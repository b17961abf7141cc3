import CRoPEBackend
import HIP
import Isolation
import Reference
import RoPE

/// A call as a plug-in gets it: everything in the numbers and lists of `rope_backend.h`, and no expected value.
struct PluginCall: Equatable {
  /// One of the four views, in the order of ``tensors``.
  struct Tensor: Equatable {
    /// The index of its buffer, and the first byte in it.
    let buffer: Int
    let byte: Int
    let heads: Int64
    /// Batch, sequence, head, channel.
    let strides: [Int64]
  }

  let contract: UInt32
  let elementType: UInt32
  let batch: Int64
  let sequence: Int64
  /// Query in, query out, key in, key out.
  let tensors: [Tensor]

  // The plan.
  let headDimension: Int64
  let axisCount: Int64
  /// `[pairs][2]`, row by row.
  let inputChannels: [Int32]
  let outputChannels: [Int32]
  let axes: [Int32]
  /// Empty unless the contract gives them.
  let inverseFrequencies: [Double]
  let attentionFactor: Double
  let pairing: UInt32
  let outputPairing: UInt32
  let rotaryOffset: Int64

  // What the contract gives; empty otherwise.
  let positions: [Int64]
  let inverseFrequencies32: [Float]
  let tableType: UInt32
  /// `[rows][pairs]`, as they lie in memory.
  let cosines: [UInt8]
  let sines: [UInt8]
  let tableRows: [Int32]
  let tableRowCount: Int64

  /// - Parameter tables: of the call's plan.
  init(_ call: RotationCall, tables: PlanTables) {
    let plan = call.plan, size = call.elementType.byteCount
    contract = call.angles.contract.abiCode
    elementType = call.elementType.abiCode
    batch = Int64(call.batch)
    sequence = Int64(call.sequence)
    tensors = [call.query, call.key].flatMap { tensor in
      [tensor.input, tensor.output].map { view in
        Tensor(
          buffer: view.buffer, byte: view.offset * size, heads: Int64(tensor.heads),
          strides: [view.strides.batch, view.strides.sequence, view.strides.head, view.strides.channel].map(Int64.init))
      }
    }
    headDimension = Int64(plan.headDimension)
    axisCount = Int64(plan.axisCount)
    inputChannels = plan.pairs.flatMap { [Int32($0.input.first), Int32($0.input.second)] }
    outputChannels = plan.pairs.flatMap { [Int32($0.output.first), Int32($0.output.second)] }
    axes = plan.pairs.map { Int32($0.axis) }
    let slice = RotarySlice(pairs: plan.pairs)
    pairing = slice?.inputPairing.abiCode ?? UInt32(ROPE_PAIRING_OTHER)
    outputPairing = slice?.outputPairing.abiCode ?? UInt32(ROPE_PAIRING_OTHER)
    rotaryOffset = Int64(slice?.offset ?? 0)

    var given = Given()
    switch call.angles {
    case .none: break
    case .table(let table, let rows):
      given.table = table
      given.rows = rows
    case .frequencies(let frequencies, let factor, let positions):
      given.inverseFrequencies32 = frequencies
      given.attentionFactor = factor
      given.positions = positions
    case .positions(let positions):
      given.inverseFrequencies = tables.inverseFrequencies
      given.attentionFactor = tables.attentionFactor
      given.positions = positions
    }
    inverseFrequencies = given.inverseFrequencies
    attentionFactor = given.attentionFactor
    positions = given.positions
    inverseFrequencies32 = given.inverseFrequencies32
    tableType = given.table?.type.abiCode ?? 0
    cosines = given.table.map { Self.bytes($0.cosines, $0.type) } ?? []
    sines = given.table.map { Self.bytes($0.sines, $0.type) } ?? []
    tableRows = given.rows
    tableRowCount = Int64(given.table?.rowCount ?? 0)
  }

  /// What one contract or another gives.
  private struct Given {
    var inverseFrequencies: [Double] = []
    var attentionFactor = 1.0
    var positions: [Int64] = []
    var inverseFrequencies32: [Float] = []
    var table: CosSinTable?
    var rows: [Int32] = []
  }

  private static func bytes(_ patterns: [UInt32], _ type: ElementType) -> [UInt8] {
    var elements = ElementArray(type: type, count: patterns.count)
    for (index, bits) in patterns.enumerated() { elements[index] = bits }
    return elements.bytes
  }

  // MARK: - As a message

  /// Everything, for ``init(from:)`` in another process.
  func write(to writer: inout ByteWriter) {
    writer.write(contract)
    writer.write(elementType)
    writer.write(batch)
    writer.write(sequence)
    writer.write(tensors.flatMap { [Int64($0.buffer), Int64($0.byte), $0.heads] + $0.strides })
    writer.write(headDimension)
    writer.write(axisCount)
    writer.write(inputChannels)
    writer.write(outputChannels)
    writer.write(axes)
    writer.write(inverseFrequencies)
    writer.write(attentionFactor)
    writer.write(pairing)
    writer.write(outputPairing)
    writer.write(rotaryOffset)
    writer.write(positions)
    writer.write(inverseFrequencies32)
    writer.write(tableType)
    writer.write(cosines)
    writer.write(sines)
    writer.write(tableRows)
    writer.write(tableRowCount)
  }

  init(from reader: inout ByteReader) throws(ChannelError) {
    contract = try reader.read()
    elementType = try reader.read()
    batch = try reader.read()
    sequence = try reader.read()
    let numbers = try reader.read(arrayOf: Int64.self)
    guard numbers.count == 4 * 7 else { throw .malformed("\(numbers.count) numbers of tensors") }
    tensors = stride(from: 0, to: numbers.count, by: 7).map {
      Tensor(
        buffer: Int(numbers[$0]), byte: Int(numbers[$0 + 1]), heads: numbers[$0 + 2],
        strides: Array(numbers[$0 + 3..<$0 + 7]))
    }
    headDimension = try reader.read()
    axisCount = try reader.read()
    inputChannels = try reader.read(arrayOf: Int32.self)
    outputChannels = try reader.read(arrayOf: Int32.self)
    axes = try reader.read(arrayOf: Int32.self)
    inverseFrequencies = try reader.read(arrayOf: Double.self)
    attentionFactor = try reader.read()
    pairing = try reader.read()
    outputPairing = try reader.read()
    rotaryOffset = try reader.read()
    positions = try reader.read(arrayOf: Int64.self)
    inverseFrequencies32 = try reader.read(arrayOf: Float.self)
    tableType = try reader.read()
    cosines = try reader.read(arrayOf: UInt8.self)
    sines = try reader.read(arrayOf: UInt8.self)
    tableRows = try reader.read(arrayOf: Int32.self)
    tableRowCount = try reader.read()
  }
}

/// The values of a plan's formulas, nearest to the real ones.
struct PlanTables {
  let plan: Plan
  let inverseFrequencies: [Double]
  let attentionFactor: Double

  init(_ plan: Plan) {
    self.plan = plan
    let exact = ExactTables(plan)
    inverseFrequencies = exact.inverseFrequencies()
    attentionFactor = exact.attentionFactor()
  }
}
