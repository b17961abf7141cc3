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

  /// The first byte of each buffer that is no output element and changed.
  func changesOutside(of call: RotationCall, _ place: CaseMemory) -> [Violation] {
    // What may have changed is put back, so that whatever still differs may not.
    let scratch = CallMemory(byteCounts: buffers.map(\.count))
    for (target, source) in zip(scratch.buffers, place.memory.buffers) {
      target.copyMemory(from: UnsafeRawBufferPointer(source))
    }
    let size = call.elementType.byteCount
    for tensor in [call.query, call.key] {
      let view = tensor.output, strides = tensor.output.strides
      for token in 0..<call.tokenCount {
        for head in 0..<tensor.heads {
          let first =
            view.offset + token / call.sequence * strides.batch + token % call.sequence * strides.sequence
            + head * strides.head
          for channel in 0..<call.plan.headDimension {
            let byte = (first + channel * strides.channel) * size
            for offset in byte..<byte + size { scratch.buffers[view.buffer][offset] = buffers[view.buffer][offset] }
          }
        }
      }
    }
    var violations: [Violation] = []
    for (index, before) in buffers.enumerated() {
      let after = scratch.buffers[index]
      guard let byte = before.indices.first(where: { before[$0] != after[$0] }) else { continue }
      violations.append(
        .writtenOutside(
          buffer: place.placement.names[index], region: Self.region(of: byte, in: before.count, index, call),
          byte: byte, before: before[byte], after: after[byte]))
    }
    return violations
  }

  /// In words, what lies at a byte that is no output.
  private static func region(of byte: Int, in count: Int, _ buffer: Int, _ call: RotationCall) -> String {
    if byte < Placement.guardByteCount { return "guard before the tensor" }
    if byte >= count - Placement.guardByteCount { return "guard behind the tensor" }
    let isInput = [call.query, call.key].contains { $0.input.buffer == buffer && $0.input != $0.output }
    return isInput ? "input" : "between the rows of the tensor"
  }
}
