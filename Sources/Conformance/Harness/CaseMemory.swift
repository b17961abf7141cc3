import Backends
import Goldens
import RoPE

/// The memory of one call: inputs in place, everything else poisoned.
final class CaseMemory {
  let memory: CallMemory
  let placement: Placement
  let goldenCase: Case

  private var type: ElementType { goldenCase.elementType }
  private var workload: Workload { goldenCase.workload }
  private var dimension: Int { goldenCase.convention.headDimension }

  /// A signalling NaN of each type: arithmetic cannot return it, so an element that still holds it was not written,
  /// and one that was computed from it changed.
  static func poison(_ type: ElementType) -> UInt32 {
    switch type {
    case .float32: 0xFFAD_BEEF
    case .float16: 0xFDAD
    case .bfloat16: 0xFFAD
    }
  }

  /// Poisoned memory of a case, as a backend needs it; of the host where no backend is there.
  ///
  /// - Throws: what the backend throws.
  init(_ goldenCase: Case, for backend: (any RoPEBackend)?) throws {
    self.goldenCase = goldenCase
    placement = Placement(goldenCase)
    memory =
      try backend?.makeMemory(byteCounts: placement.byteCounts) ?? CallMemory(byteCounts: placement.byteCounts)
    poison()
  }

  /// Poisons everything.
  func poison() {
    let pattern = Self.poison(type)
    let word = type == .float32 ? pattern : pattern << 16 | pattern
    for buffer in memory.buffers {
      buffer.bindMemory(to: UInt32.self).initialize(repeating: word)
      // An odd count of 16-bit elements leaves one behind the words.
      if let last = buffer.indices.last { buffer.setBits(pattern, at: last / type.byteCount, type: type) }
    }
  }

  /// Writes a tensor that lies contiguous in the workload's layout into a view.
  func scatter(_ elements: ElementArray, heads: Int, into view: TensorView) {
    let buffer = memory.buffers[view.buffer]
    elements.bytes.withUnsafeBytes { elements in
      forEachRow(heads: heads, of: view) { copyRow(from: elements, $0, 1, to: buffer, $1, view.strides.channel) }
    }
  }

  /// Reads a view into a tensor that lies contiguous in the workload's layout.
  func gather(_ view: TensorView, heads: Int) -> ElementArray {
    var elements = ElementArray(type: type, count: workload.tokenCount * heads * dimension)
    let buffer = UnsafeRawBufferPointer(memory.buffers[view.buffer])
    elements.bytes.withUnsafeMutableBytes { elements in
      forEachRow(heads: heads, of: view) { copyRow(from: buffer, $1, view.strides.channel, to: elements, $0, 1) }
    }
    return elements
  }

  /// Gives the elements of a view the bytes that they have in a copy of its buffer.
  func revert(_ view: TensorView, heads: Int, to bytes: UnsafeRawBufferPointer) {
    let buffer = memory.buffers[view.buffer]
    forEachRow(heads: heads, of: view) {
      copyRow(from: bytes, $1, view.strides.channel, to: buffer, $1, view.strides.channel)
    }
  }

  /// Copies `D` elements, each tensor from its index on, by its stride.
  private func copyRow(
    from source: UnsafeRawBufferPointer, _ first: Int, _ stride: Int, to target: UnsafeMutableRawBufferPointer,
    _ targetFirst: Int, _ targetStride: Int
  ) {
    if stride == 1, targetStride == 1 {
      let size = type.byteCount, bytes = source[first * size..<(first + dimension) * size]
      UnsafeMutableRawBufferPointer(rebasing: target[(targetFirst * size)...]).copyMemory(
        from: UnsafeRawBufferPointer(rebasing: bytes))
    } else {
      for channel in 0..<dimension {
        target.setBits(
          source.bits(at: first + channel * stride, type: type), at: targetFirst + channel * targetStride, type: type)
      }
    }
  }

  /// Fills what lies between the tokens of a fused buffer, the values V, with numbers that rotation would change.
  func fillValues(seed: UInt64) {
    guard workload.storage == .fusedQKV else { return }
    let hash = InputHash(seed: seed)
    let buffer = memory.buffers[placement.query.input.buffer]
    let guardCount = Placement.guardByteCount / type.byteCount
    for index in guardCount..<buffer.count / type.byteCount - guardCount {
      // Behind the indices of Q and K.
      buffer.setBits(hash.element(at: 2 * InputHash.keyOffset + index, type: type), at: index, type: type)
    }
  }

  /// Calls back with the index of every row of `D` channels in the contiguous tensor and in the view.
  private func forEachRow(heads: Int, of view: TensorView, _ body: (_ first: Int, _ index: Int) -> Void) {
    let contiguous = workload.strides(heads: heads, headDimension: dimension)
    for batch in 0..<workload.batch {
      for token in 0..<workload.sequence {
        for head in 0..<heads {
          body(
            batch * contiguous.batch + token * contiguous.sequence + head * contiguous.head,
            view.offset + batch * view.strides.batch + token * view.strides.sequence + head * view.strides.head)
        }
      }
    }
  }
}
