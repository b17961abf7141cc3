import CRoPEBackend
import Devices
import Judging
import RoPE
import Workers

/// A call as a plug-in receives it: the structs of `rope_backend.h` and the lists that they point to, in one block of
/// bytes, without expected values.
///
/// The bytes pass between processes unchanged. Their pointers are listed separately and set where the plug-in runs, so
/// that each field of a struct is named only once, where it gets its value.
struct PluginCall {
  /// The structs and lists; ``withCall(at:_:)`` finds the `rope_call` at their beginning.
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

  /// Converts a call, which must have Q.
  ///
  /// `tables` are those of the call's plan.
  init(_ call: RotationCall, tables: PlanTables) {
    guard let query = call.query else { preconditionFailure("the interface has no calls without Q") }
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
    root.contract = call.contract.abiCode
    point(\rope_call.query_in, at: rootStart, to: query, query.input, of: call)
    point(\rope_call.query_out, at: rootStart, to: query, query.output, of: call)
    if let key = call.key {
      point(\rope_call.key_in, at: rootStart, to: key, key.input, of: call)
      point(\rope_call.key_out, at: rootStart, to: key, key.output, of: call)
    }
    setTokens(of: query, in: &root, at: rootStart, Self.callTokens)
    if let key = call.key, call.joint == nil { addTokens(of: key, at: rootStart) }
    switch query.angles {
    case .none: break
    case .table(let table, _):
      root.table_type = table.type.abiCode
      root.table_row_count = Int64(table.rowCount)
      point(\rope_call.cos, at: rootStart, to: table.cosines, of: table.type)
      point(\rope_call.sin, at: rootStart, to: table.sines, of: table.type)
    case .frequencies(let frequencies, let attentionFactor, _):
      plan.attention_factor = attentionFactor
      point(\rope_call.inv_freq_float32, at: rootStart, to: frequencies)
    case .positions:
      plan.attention_factor = tables.attentionFactor
      point(\rope_plan.inv_freq, at: planStart, to: tables.inverseFrequencies)
    }
    addOrigin(call.origin, to: &root, at: rootStart)
    store(root, at: rootStart)
    store(plan, at: planStart)
  }

  /// Adds the struct of the tokens that K has for itself.
  private mutating func addTokens(of tensor: RotatedTensor, at rootStart: Int) {
    var tokens = rope_tokens()
    tokens.struct_size = MemoryLayout<rope_tokens>.size
    let start = point(\rope_call.key_tokens, at: rootStart, to: [tokens])
    setTokens(of: tensor, in: &tokens, at: start, Self.keyTokens)
    store(tokens, at: start)
  }

  /// The fields of the call; they say what they say of Q's tokens alone if K has tokens of its own.
  private static var callTokens: TokenFields<rope_call> {
    TokenFields(
      positions: \.positions, fractions: \.fractional_positions, rows: \.table_rows, starts: \.cu_seqlens,
      startCount: \.cu_seqlens_count, least: \.least_position, largest: \.largest_position)
  }

  /// The fields of the struct that K's own tokens have.
  private static var keyTokens: TokenFields<rope_tokens> {
    TokenFields(
      positions: \.positions, fractions: \.fractional_positions, rows: \.table_rows, starts: \.cu_seqlens,
      startCount: \.cu_seqlens_count, least: \.least_position, largest: \.largest_position)
  }

  /// The fields of a struct that say something of each token.
  private struct TokenFields<Struct> {
    let positions: KeyPath<Struct, UnsafePointer<Int64>?>
    let fractions: KeyPath<Struct, UnsafePointer<Double>?>
    let rows: KeyPath<Struct, UnsafePointer<Int32>?>
    let starts: KeyPath<Struct, UnsafePointer<Int32>?>
    let startCount: WritableKeyPath<Struct, Int64>
    let least: WritableKeyPath<Struct, Double>
    let largest: WritableKeyPath<Struct, Double>
  }

  /// Sets what a struct, which begins at an offset, says of a tensor's tokens.
  private mutating func setTokens<Struct>(
    of tensor: RotatedTensor, in value: inout Struct, at start: Int, _ fields: TokenFields<Struct>
  ) {
    if let positions = tensor.angles.positions {
      if let integers = positions.integers {
        point(fields.positions, at: start, to: integers)
      } else {
        point(fields.fractions, at: start, to: positions.values)
      }
      if let range = positions.range {
        (value[keyPath: fields.least], value[keyPath: fields.largest]) = (range.lowerBound, range.upperBound)
      }
    }
    if case .table(_, let rows) = tensor.angles { point(fields.rows, at: start, to: rows) }
    point(fields.starts, at: start, to: tensor.sequenceStarts ?? [])
    value[keyPath: fields.startCount] = Int64(tensor.sequenceStarts?.count ?? 0)
  }

  private mutating func addOrigin(_ origin: CallOrigin?, to root: inout rope_call, at start: Int) {
    point(\rope_call.case_name, at: start, to: (origin?.caseName ?? "").utf8CString)
    guard let origin else { return }
    root.base = origin.base ?? 0
    root.scaling_parameter_count = Int64(origin.scalingParameters.count)
    point(\rope_call.scaling_type, at: start, to: origin.scalingType.utf8CString)
    let parameters = origin.scalingParameters.map {
      rope_parameter(
        struct_size: MemoryLayout<rope_parameter>.size, name: nil, values: nil, value_count: Int64($0.values.count))
    }
    let first = point(\rope_call.scaling_parameters, at: start, to: parameters)
    for (index, parameter) in origin.scalingParameters.enumerated() {
      let start = first + index * MemoryLayout<rope_parameter>.stride
      point(\rope_parameter.name, at: start, to: parameter.name.utf8CString)
      point(\rope_parameter.values, at: start, to: parameter.values)
    }
  }

  // MARK: - Where the plug-in runs

  /// Calls back with the structs, which are valid until the callback returns.
  ///
  /// The buffers of the tensors begin at `bases`, in any memory; nil for a call that only asks.
  ///
  /// - Returns: the callback's result, and the first change that it made to the structs and lists, in words; nil if
  ///   there is none.
  func withCall<Result>(
    at bases: [UnsafeMutableRawPointer?]?, _ body: (UnsafePointer<rope_call>) -> Result
  ) -> (result: Result, change: String?) {
    withUnsafeTemporaryAllocation(byteCount: bytes.count, alignment: Self.alignment) { memory in
      let result = body(place(in: memory, at: bases))
      return (result, takeChange(in: memory, at: bases))
    }
  }

  /// Puts the structs and lists into memory, in which their pointers are set.
  private func place(
    in memory: UnsafeMutableRawBufferPointer, at bases: [UnsafeMutableRawPointer?]?
  ) -> UnsafePointer<rope_call> {
    guard let base = memory.baseAddress else { preconditionFailure("a call has bytes") }
    memory.copyBytes(from: bytes)
    for pointer in pointers {
      let address = address(pointer, base, bases)
      memory.storeBytes(of: address, toByteOffset: pointer.offset, as: UnsafeMutableRawPointer?.self)
    }
    return UnsafePointer(base.bindMemory(to: rope_call.self, capacity: 1))
  }

  /// The first change of what ``place(in:at:)`` put there, in words; nil if there is none.
  ///
  /// The pointers are unset, so that the structs are of no further use.
  private func takeChange(
    in memory: UnsafeMutableRawBufferPointer, at bases: [UnsafeMutableRawPointer?]?
  ) -> String? {
    guard let base = memory.baseAddress else { preconditionFailure("a call has bytes") }
    for pointer in pointers {
      let field = base + pointer.offset
      let isSame = field.load(as: UnsafeMutableRawPointer?.self) == address(pointer, base, bases)
      // Equal bytes are equal pointers, so that the comparison below finds a changed one too.
      field.storeBytes(of: isSame ? nil : base + 1, as: UnsafeMutableRawPointer?.self)
    }
    let isUnchanged = bytes.withUnsafeBytes { $0.hasBytes(of: UnsafeRawBufferPointer(memory)) }
    return isUnchanged ? nil : bytes.indices.first { bytes[$0] != memory[$0] }.map(describe)
  }

  private func address(
    _ pointer: Pointer, _ base: UnsafeMutableRawPointer, _ bases: [UnsafeMutableRawPointer?]?
  ) -> UnsafeMutableRawPointer? {
    let start = pointer.buffer < 0 ? base : bases?[pointer.buffer]
    return start.map { $0 + pointer.target }
  }

  /// The structs in memory of their own, for a caller that keeps them.
  final class Placed {
    /// The call, valid as long as this object.
    let pointer: UnsafePointer<rope_call>
    private let call: PluginCall
    private let memory: UnsafeMutableRawBufferPointer
    private let bases: [UnsafeMutableRawPointer?]

    /// The buffers of the tensors begin at `bases`.
    init(_ call: PluginCall, at bases: [UnsafeMutableRawPointer?]) {
      self.call = call
      self.bases = bases
      memory = .allocate(byteCount: call.bytes.count, alignment: PluginCall.alignment)
      pointer = call.place(in: memory, at: bases)
    }

    deinit { memory.deallocate() }

    /// Undoes all changes of the structs and lists.
    ///
    /// - Returns: the first of them in words; nil if there is none.
    func undoChanges() -> String? {
      let change = call.takeChange(in: memory, at: bases)
      _ = call.place(in: memory, at: bases)
      return change
    }
  }

  // MARK: - Names of fields

  /// A byte in words: `call->plan->head_dim`, or `byte 8 of the list call->positions`.
  private func describe(_ byte: Int) -> String {
    let (place, isField) = self.place(of: byte)
    return isField ? place.text : "byte \(place.byte) of the list \(place.text)"
  }

  /// The struct field or the list that a byte belongs to, and the place of the byte in it.
  private func place(of byte: Int) -> (place: (text: String, byte: Int), isField: Bool) {
    // Structs and lists follow each other, so that a byte belongs to the last that begins before it.
    let owner = pointers.filter { $0.buffer < 0 && $0.target <= byte }.max { $0.target < $1.target }
    guard let owner else { return (("call->" + Self.field(of: rope_call(), at: byte), byte), true) }
    let text = place(of: owner.offset).place.text, inner = byte - owner.target
    func inside(_ field: String) -> (place: (text: String, byte: Int), isField: Bool) {
      (("\(text)->\(field)", inner), true)
    }
    switch text.split(separator: ">").last {
    case "plan": return inside(Self.field(of: rope_plan(), at: inner))
    case "query_in", "query_out", "key_in", "key_out": return inside(Self.field(of: rope_tensor(), at: inner))
    case "key_tokens": return inside(Self.field(of: rope_tokens(), at: inner))
    case "scaling_parameters":
      let (index, rest) = inner.quotientAndRemainder(dividingBy: MemoryLayout<rope_parameter>.stride)
      return (("\(text)[\(index)].\(Self.field(of: rope_parameter(), at: rest))", rest), true)
    default: return ((text, inner), false)
    }
  }

  /// The name of the field of a C struct that a byte belongs to; padding belongs to the field before it.
  private static func field(of value: some BitwiseCopyable, at byte: Int) -> String {
    func layout<Field>(_ field: Field) -> (size: Int, alignment: Int) {
      (MemoryLayout<Field>.size, MemoryLayout<Field>.alignment)
    }
    var end = 0, name = ""
    for child in Mirror(reflecting: value).children {
      let (size, alignment) = layout(child.value), start = (end + alignment - 1) / alignment * alignment
      if start > byte { break }
      (name, end) = (child.label ?? name, start + size)
    }
    return name
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
    list.withUnsafeBytes { append($0) }
  }

  private mutating func append(_ list: UnsafeRawBufferPointer) -> Int {
    let start = (bytes.count + Self.alignment - 1) / Self.alignment * Self.alignment
    bytes += repeatElement(0, count: start - bytes.count)
    bytes += list
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

  /// Does the same for a text with its terminator.
  private mutating func point<Struct>(
    _ field: KeyPath<Struct, UnsafePointer<CChar>?>, at start: Int, to text: ContiguousArray<CChar>
  ) {
    note(field, at: start, buffer: -1, text.withUnsafeBytes { append($0) })
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
    _ view: TensorView, of call: RotationCall
  ) {
    var value = rope_tensor()
    value.struct_size = MemoryLayout<rope_tensor>.size
    value.element_type = call.elementType.abiCode
    value.shape = (
      Int64(call.batch), Int64(tensor.sequence), Int64(tensor.heads), Int64(call.plan.headDimension)
    )
    let strides = view.strides
    value.strides = (Int64(strides.batch), Int64(strides.sequence), Int64(strides.head), Int64(strides.channel))
    value.alignment = Int64(view.alignment(elementType: call.elementType))
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
