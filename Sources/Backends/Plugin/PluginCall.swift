import CRoPEBackend
import Devices
import Reference
import RoPE
import Workers

/// A call as a plug-in receives it: the structs of `rope_backend.h` and the lists that they point to, in one block of
/// bytes, without expected values.
///
/// The bytes pass between processes unchanged. Their pointers are listed separately and set where the plug-in runs, so
/// that each field of a struct is named only once, where it gets its value.
struct PluginCall {
  /// The reason that a call cannot be passed to a plug-in.
  static let limit = "version 1.0 of the interface carries one list of integer positions for both tensors"

  /// The structs and lists; ``withCall(in:_:)`` finds the `rope_call` at their beginning.
  private var bytes: [UInt8] = []
  private var pointers: [Pointer] = []

  /// A pointer in one of the structs.
  private struct Pointer: BitwiseCopyable {
    /// Its own offset in ``PluginCall/bytes``.
    let offset: Int
    /// The index of the call's buffer that it points into; −1 for ``PluginCall/bytes``.
    let buffer: Int
    /// The offset of the byte that it points to.
    let target: Int
  }

  /// Converts a call that rotates Q and K by the same angles; nil for other calls, and for positions that are not
  /// integers.
  ///
  /// `tables` are those of the call's plan.
  init?(_ call: RotationCall, tables: PlanTables) {
    guard let call = call.joint, let positions = call.angles.positions.map(\.integers) ?? [] else { return nil }
    let pairs = call.plan.pairs, slice = RotarySlice(pairs: pairs)
    var root = rope_call(), plan = rope_plan()
    let rootStart = append([root]), planStart = point(\rope_call.plan, at: rootStart, to: [plan])

    plan.struct_size = MemoryLayout<rope_plan>.size
    plan.head_dim = Int64(call.plan.headDimension)
    plan.pair_count = Int64(pairs.count)
    plan.axis_count = Int64(call.plan.axisCount)
    point(\rope_plan.in, at: planStart, to: pairs.flatMap { [Int32($0.input.first), Int32($0.input.second)] })
    point(\rope_plan.out, at: planStart, to: pairs.flatMap { [Int32($0.output.first), Int32($0.output.second)] })
    point(\rope_plan.axis, at: planStart, to: pairs.map { Int32($0.axis) })
    plan.attention_factor = 1
    plan.pairing = slice?.inputPairing.abiCode ?? UInt32(ROPE_PAIRING_OTHER)
    plan.out_pairing = slice?.outputPairing.abiCode ?? UInt32(ROPE_PAIRING_OTHER)
    plan.rotary_dim = 2 * Int64(pairs.count)
    plan.rotary_offset = Int64(slice?.offset ?? 0)

    root.struct_size = MemoryLayout<rope_call>.size
    root.contract = call.angles.contract.abiCode
    point(\rope_call.query_in, at: rootStart, to: call.query, call.query.input, of: call)
    point(\rope_call.query_out, at: rootStart, to: call.query, call.query.output, of: call)
    point(\rope_call.key_in, at: rootStart, to: call.key, call.key.input, of: call)
    point(\rope_call.key_out, at: rootStart, to: call.key, call.key.output, of: call)
    point(\rope_call.positions, at: rootStart, to: positions)
    switch call.angles {
    case .none: break
    case .table(let table, let rows):
      root.table_type = table.type.abiCode
      root.table_row_count = Int64(table.rowCount)
      point(\rope_call.table_rows, at: rootStart, to: rows)
      point(\rope_call.cos, at: rootStart, to: table.cosines, of: table.type)
      point(\rope_call.sin, at: rootStart, to: table.sines, of: table.type)
    case .frequencies(let frequencies, let attentionFactor, _):
      plan.attention_factor = attentionFactor
      point(\rope_call.inv_freq_float32, at: rootStart, to: frequencies)
    case .positions:
      plan.attention_factor = tables.attentionFactor
      point(\rope_plan.inv_freq, at: planStart, to: tables.inverseFrequencies)
    }
    store(root, at: rootStart)
    store(plan, at: planStart)
  }

  // MARK: - Where the plug-in runs

  /// Calls back with the structs, which are valid until the callback returns.
  ///
  /// The tensors lie in `buffers`; nil for a call that only asks.
  func withCall<Result>(
    in buffers: [UnsafeMutableRawBufferPointer]?, _ body: (UnsafePointer<rope_call>) -> Result
  ) -> Result {
    withUnsafeTemporaryAllocation(byteCount: bytes.count, alignment: Self.alignment) { memory in
      guard let base = memory.baseAddress else { preconditionFailure("a call has bytes") }
      memory.copyBytes(from: bytes)
      for pointer in pointers {
        let start = pointer.buffer < 0 ? base : buffers?[pointer.buffer].baseAddress
        let address = start.map { $0 + pointer.target }
        memory.storeBytes(of: address, toByteOffset: pointer.offset, as: UnsafeMutableRawPointer?.self)
      }
      return body(UnsafePointer(base.bindMemory(to: rope_call.self, capacity: 1)))
    }
  }

  // MARK: - As a message

  func write(to writer: inout ByteWriter) {
    writer.write(bytes)
    writer.write(pointers)
  }

  init(from reader: inout ByteReader) throws(ChannelError) {
    bytes = try reader.read(arrayOf: UInt8.self)
    pointers = try reader.read(arrayOf: Pointer.self)
  }

  // MARK: - Structs and lists

  /// The alignment of each struct and list, in bytes; enough for any element type or vector.
  private static let alignment = 64

  /// Appends a list.
  ///
  /// - Returns: the offset of the list.
  private mutating func append<Element: BitwiseCopyable>(_ list: [Element]) -> Int {
    let start = (bytes.count + Self.alignment - 1) / Self.alignment * Self.alignment
    bytes += repeatElement(0, count: start - bytes.count)
    list.withUnsafeBytes { bytes += $0 }
    return start
  }

  /// Replaces a struct.
  private mutating func store<Struct: BitwiseCopyable>(_ value: Struct, at start: Int) {
    bytes.withUnsafeMutableBytes { $0.storeBytes(of: value, toByteOffset: start, as: Struct.self) }
  }

  /// Appends a list and makes a field of a struct point to it; the field stays null if the list is empty.
  ///
  /// - Returns: the offset of the list.
  @discardableResult private mutating func point<Struct, Element: BitwiseCopyable>(
    _ field: KeyPath<Struct, UnsafePointer<Element>?>, at start: Int, to list: [Element]
  ) -> Int {
    let target = append(list)
    if !list.isEmpty { note(field, at: start, buffer: -1, target) }
    return target
  }

  /// Does the same for bit patterns of an element type.
  private mutating func point<Struct>(
    _ field: KeyPath<Struct, UnsafeRawPointer?>, at start: Int, to patterns: [UInt32], of type: ElementType
  ) {
    guard !patterns.isEmpty else { return }
    let target = type == .float32 ? append(patterns) : append(patterns.map { UInt16(truncatingIfNeeded: $0) })
    note(field, at: start, buffer: -1, target)
  }

  /// Does the same for the one tensor that a view describes.
  private mutating func point(
    _ field: KeyPath<rope_call, UnsafePointer<rope_tensor>?>, at start: Int, to tensor: RotatedTensor,
    _ view: TensorView, of call: JointCall
  ) {
    var value = rope_tensor()
    value.struct_size = MemoryLayout<rope_tensor>.size
    value.element_type = call.elementType.abiCode
    value.shape = (
      Int64(call.batch), Int64(call.sequence), Int64(tensor.heads), Int64(call.plan.headDimension)
    )
    let strides = view.strides
    value.strides = (Int64(strides.batch), Int64(strides.sequence), Int64(strides.head), Int64(strides.channel))
    let target = point(field, at: start, to: [value])
    note(\rope_tensor.data, at: target, buffer: view.buffer, view.offset * call.elementType.byteCount)
  }

  private mutating func note<Struct, Field>(
    _ field: KeyPath<Struct, Field>, at start: Int, buffer: Int, _ target: Int
  ) {
    guard let offset = MemoryLayout<Struct>.offset(of: field) else { preconditionFailure("\(field) has no offset") }
    pointers.append(Pointer(offset: start + offset, buffer: buffer, target: target))
  }
}

/// The values of a plan's formulas, each the Double nearest to the exact one.
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
