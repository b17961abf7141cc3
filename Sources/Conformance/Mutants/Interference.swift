import Backends
import RoPE

/// The memory of a call that a mistake writes to beside its outputs.
struct Interference {
  let memory: CallMemory
  let call: RotationCall
  /// The number of the run on this memory, from 1.
  let run: Int

  /// Changes the byte at an offset from the first element of a view, or from behind its last where `isBehind`.
  func flipByte(_ view: TensorView, heads: Int, offset: Int, isBehind: Bool = false) {
    let size = call.elementType.byteCount
    var byte = view.offset * size + offset
    if isBehind {
      let strides = view.strides
      let last =
        (call.batch - 1) * strides.batch + (call.sequence - 1) * strides.sequence + (heads - 1) * strides.head
        + (call.plan.headDimension - 1) * strides.channel
      byte += (last + 1) * size
    }
    let buffer = memory.buffers[view.buffer]
    guard buffer.indices.contains(byte) else { return }
    buffer[byte] ^= 0x55
  }

  /// Changes the lowest bit of an output element, of which `index` counts channels, then heads, then tokens.
  func flipLowestBit(_ tensor: RotatedTensor, at index: Int) {
    let (row, channel) = index.quotientAndRemainder(dividingBy: call.plan.headDimension)
    let (token, head) = row.quotientAndRemainder(dividingBy: tensor.heads)
    let strides = tensor.output.strides
    let element =
      tensor.output.offset + token / call.sequence * strides.batch + token % call.sequence * strides.sequence
      + head * strides.head + channel * strides.channel
    let type = call.elementType, buffer = memory.buffers[tensor.output.buffer]
    buffer.setBits(UnsafeRawBufferPointer(buffer).bits(at: element, type: type) ^ 1, at: element, type: type)
  }
}
