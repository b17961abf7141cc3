import Reference
import RoPE

/// The exact result, rounded once: no implementation can be more accurate.
package struct ReferenceBackend: RoPEBackend {
  package init() {}

  package var name: String { "reference" }
  package var summary: String { "the exact result, rounded once to the element type" }

  package func support(for call: RotationCall) -> Support {
    do throws(CallError) {
      try call.validateValues()
      return .supported
    } catch {
      return .unsupported(reason: error.description)
    }
  }

  package func rotate(_ call: RotationCall, in memory: CallMemory) throws -> Evidence? {
    let copied = Set(call.plan.passThroughChannels)
    for tensor in call.present {
      let exact = ExactRotation(plan: call.plan, angles: tensor.angles)
      for token in 0..<call.batch * tensor.sequence { rotate(token, tensor, call, memory, exact, copied) }
    }
    return nil
  }

  private func rotate(
    _ token: Int, _ tensor: RotatedTensor, _ call: RotationCall, _ memory: CallMemory, _ exact: ExactRotation,
    _ copied: Set<Int>
  ) {
    let dimension = call.plan.headDimension, type = call.elementType
    let input = UnsafeRawBufferPointer(memory.buffers[tensor.input.buffer])
    let output = memory.buffers[tensor.output.buffer]
    let bits = (0..<tensor.heads).flatMap { head in
      let first = tensor.input.index(token: token, head: head, sequence: tensor.sequence)
      return (0..<dimension).map { input.bits(at: first + $0 * tensor.input.strides.channel, type: type) }
    }
    let values = bits.map(type.value(ofBits:))
    var rotated = values
    values.withUnsafeBufferPointer { values in
      rotated.withUnsafeMutableBufferPointer { exact.rotate(token: token, input: values, output: $0) }
    }
    for head in 0..<tensor.heads {
      let first = tensor.output.index(token: token, head: head, sequence: tensor.sequence)
      for channel in 0..<dimension {
        let index = head * dimension + channel
        // A copied channel keeps its bits, even those of a NaN.
        let result = copied.contains(channel) ? bits[index] : type.bits(rounding: rotated[index])
        output.setBits(result, at: first + channel * tensor.output.strides.channel, type: type)
      }
    }
  }
}
