import Reference
public import RoPE

/// The exact result, rounded once: what no implementation can be better than.
public struct ReferenceBackend: RoPEBackend {
  public init() {}

  public var name: String { "reference" }
  public var summary: String { "the exact result, rounded once to the element type" }

  public func support(for call: RotationCall) -> Support { .supported }

  public func rotate(_ call: RotationCall, in memory: CallMemory) throws -> Evidence? {
    let exact = ExactRotation(plan: call.plan, angles: call.angles)
    let copied = call.plan.passThroughChannels, written = Set(0..<call.plan.headDimension).subtracting(copied)
    for token in 0..<call.tokenCount {
      for tensor in [call.query, call.key] {
        rotate(token, tensor, call, memory, exact, copied: copied, written: written.sorted())
      }
    }
    return nil
  }

  private func rotate(
    _ token: Int, _ tensor: RotatedTensor, _ call: RotationCall, _ memory: CallMemory, _ exact: ExactRotation,
    copied: [Int], written: [Int]
  ) {
    let dimension = call.plan.headDimension, type = call.elementType
    func row(_ view: TensorView, _ head: Int) -> Int {
      let strides = view.strides
      return view.offset + token / call.sequence * strides.batch + token % call.sequence * strides.sequence
        + head * strides.head
    }
    let input = UnsafeRawBufferPointer(memory.buffers[tensor.input.buffer])
    let output = memory.buffers[tensor.output.buffer]
    let bits = (0..<tensor.heads).flatMap { head in
      let first = row(tensor.input, head)
      return (0..<dimension).map { input.bits(at: first + $0 * tensor.input.strides.channel, type: type) }
    }
    let values = bits.map(type.value(ofBits:))
    var rotated = values
    values.withUnsafeBufferPointer { values in
      rotated.withUnsafeMutableBufferPointer { exact.rotate(token: token, input: values, output: $0) }
    }
    for head in 0..<tensor.heads {
      let first = row(tensor.output, head), index = head * dimension, step = tensor.output.strides.channel
      for channel in written {
        output.setBits(type.bits(rounding: rotated[index + channel]), at: first + channel * step, type: type)
      }
      // Bit for bit, whatever the kind of a NaN.
      for channel in copied { output.setBits(bits[index + channel], at: first + channel * step, type: type) }
    }
  }
}
