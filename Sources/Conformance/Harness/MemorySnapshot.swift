import Backends
import RoPE

/// The bytes of a call's memory before the backend saw them.
struct MemorySnapshot {
  let buffers: [[UInt8]]

  init(_ memory: CallMemory) { buffers = memory.buffers.map { Array($0) } }

  /// Puts the bytes back.
  func restore(_ memory: CallMemory) {
    for (bytes, buffer) in zip(buffers, memory.buffers) { buffer.copyBytes(from: bytes) }
  }

  /// What changed and is no output element: the first byte of each region of each buffer.
  ///
  /// The outputs are put back first, so that whatever still differs may not; they must have been read already.
  func changesOutside(of call: RotationCall, _ place: CaseMemory) -> [Violation] {
    for tensor in [call.query, call.key] {
      buffers[tensor.output.buffer].withUnsafeBytes { place.revert(tensor.output, heads: tensor.heads, to: $0) }
    }
    var violations: [Violation] = []
    for (index, before) in buffers.enumerated() {
      let after = UnsafeRawBufferPointer(place.memory.buffers[index])
      for (region, bytes) in Self.regions(of: before.count, index, call) {
        let isUnchanged = before.withUnsafeBytes {
          UnsafeRawBufferPointer(rebasing: $0[bytes]).hasBytes(of: UnsafeRawBufferPointer(rebasing: after[bytes]))
        }
        guard !isUnchanged, let byte = bytes.first(where: { before[$0] != after[$0] })
        else { continue }
        violations.append(
          .writtenOutside(
            buffer: place.placement.names[index], region: region, byte: byte, before: before[byte],
            after: after[byte]))
      }
    }
    return violations
  }

  /// In words, what lies in a buffer beside outputs, and where.
  private static func regions(of count: Int, _ buffer: Int, _ call: RotationCall) -> [(String, Range<Int>)] {
    let guardCount = Placement.guardByteCount
    let isInput = [call.query, call.key].contains { $0.input.buffer == buffer && $0.input != $0.output }
    return [
      ("guard before the tensor", 0..<guardCount),
      (isInput ? "input" : "between the rows of the tensor", guardCount..<count - guardCount),
      ("guard behind the tensor", count - guardCount..<count),
    ]
  }
}
