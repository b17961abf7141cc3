import CRoPEBackend
import Devices
import RoPE

/// A tensor in host memory that a caller gives, with strides of any size and sign.
struct GivenTensor: @unchecked Sendable {
  private let rows: StridedRows
  private let heads: Int
  /// The memory from the lowest element to the highest.
  private let source: UnsafeRawBufferPointer

  /// Takes a tensor that passed ``check(_:_:_:_:)``.
  ///
  /// - Throws: ``GivenTensorError`` if a stride is larger than any memory.
  init(
    _ given: rope_tensor, _ name: TensorName, _ tensor: RotatedTensor, _ call: RotationCall
  ) throws(GivenTensorError) {
    let shape = given.shape, strides = given.strides
    let axes = [(shape.0, strides.0), (shape.1, strides.1), (shape.2, strides.2), (shape.3, strides.3)]
    var lowest = 0, highest = 0
    for (extent, stride) in axes where extent > 1 {
      let (reach, overflows) = Int(extent - 1).multipliedReportingOverflow(by: Int(stride))
      // Far less than the addresses that there are, so that the sum of all axes does not overflow.
      guard !overflows, reach.magnitude < 1 << 56 else {
        throw GivenTensorError(name, "the stride \(stride) of an axis of \(extent) is larger than any memory")
      }
      if reach < 0 { lowest += reach } else { highest += reach }
    }
    let size = call.elementType.byteCount
    let view = TensorView(
      buffer: 0, offset: -lowest,
      strides: Strides(
        batch: Int(strides.0), sequence: Int(strides.1), head: Int(strides.2), channel: Int(strides.3)))
    rows = StridedRows(tensor, view, dimension: call.plan.headDimension, type: call.elementType)
    heads = tensor.heads
    source = UnsafeRawBufferPointer(
      start: given.data.map { UnsafeRawPointer($0) + lowest * size }, count: (highest - lowest + 1) * size)
  }

  /// The elements of some tokens, `[tokens, heads, D]`.
  func elements(of tokens: Range<Int>) -> ElementArray {
    rows.elements(of: tokens) { rows.copy(tokens, 0..<heads, from: source, 0, to: $0, tokens.lowerBound) }
  }

  /// Checks that a tensor has data, and the type and shape of the case's.
  ///
  /// - Throws: ``GivenTensorError``.
  static func check(
    _ pointer: UnsafePointer<rope_tensor>, _ name: TensorName, _ tensor: RotatedTensor, _ call: RotationCall
  ) throws(GivenTensorError) {
    let size = pointer.pointee.struct_size, needed = MemoryLayout<rope_tensor>.size
    guard size >= needed else {
      throw GivenTensorError(name, "its struct_size is \(size): must be at least \(needed), sizeof(rope_tensor)")
    }
    let given = pointer.pointee
    let type = call.elementType
    guard given.element_type == type.abiCode else {
      throw GivenTensorError(
        name, "its element_type is \(given.element_type): must be \(type.abiCode), \(type.rawValue)")
    }
    let shape = [given.shape.0, given.shape.1, given.shape.2, given.shape.3]
    let expected = [call.batch, tensor.sequence, tensor.heads, call.plan.headDimension].map(Int64.init)
    guard shape == expected else {
      throw GivenTensorError(name, "its shape is \(shape): must be \(expected), [batch, sequence, heads, head_dim]")
    }
    guard given.data != nil || shape.contains(0) else {
      throw GivenTensorError(name, "its data is null: give the address of the first element")
    }
  }
}

/// A tensor that is not what its case demands: the tensor, the value, and what it must be.
package struct GivenTensorError: Error, Equatable, CustomStringConvertible {
  package let description: String

  init(_ tensor: TensorName, _ problem: String) { description = "\(tensor.rawValue): \(problem)" }
}
