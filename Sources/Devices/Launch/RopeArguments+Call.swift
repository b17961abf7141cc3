import HostKernel
import RoPE

// Conversions from Swift types to the kernel's C arguments. Callers have checked that the values fit.

extension RopeArguments {
  /// Sets the arguments that follow from the shape of a call, its contract and its buffers.
  ///
  /// Still to be set are the angles, the lists of channels and axes, the record, and the launch number.
  init(_ call: JointCall, slice: RotarySlice?, buffers: [DeviceBuffer]) {
    self.init()
    query = RopeTensor(call.query, of: call, buffers: buffers)
    key = RopeTensor(call.key, of: call, buffers: buffers)
    batch = Int64(call.batch)
    sequence = Int64(call.sequence)
    head_dimension = Int32(call.plan.headDimension)
    rotary_dimension = Int32(2 * call.plan.pairs.count)
    element_type = Int32(call.elementType.abiCode)
    contract = Int32(call.angles.contract.abiCode)
    if let slice {
      rotary_offset = Int32(slice.offset)
      input_pairing = Int32(slice.inputPairing.abiCode)
      output_pairing = Int32(slice.outputPairing.abiCode)
    }
    staged = call.plan.isStaged ? 1 : 0
    blocks_per_token = 1
    wide = [call.query, call.key].allSatisfy { $0.isWide(in: call, slice: slice) } ? 1 : 0
    attention_factor = Float(call.attentionFactor)
  }
}

extension RopeTensor {
  fileprivate init(_ tensor: RotatedTensor, of call: JointCall, buffers: [DeviceBuffer]) {
    let size = call.elementType.byteCount
    self.init(
      input: buffers[tensor.input.buffer].address + tensor.input.offset * size,
      output: buffers[tensor.output.buffer].address + tensor.output.offset * size,
      input_strides: RopeStrides(tensor.input.strides), output_strides: RopeStrides(tensor.output.strides),
      heads: Int32(tensor.heads))
  }
}

extension RotatedTensor {
  /// Returns true if the kernel may take it in groups of 16 bytes; it may not if it stages a head.
  fileprivate func isWide(in call: JointCall, slice: RotarySlice?) -> Bool {
    !(input == output && call.plan.isStaged)
      && isWide(slice: slice, headDimension: call.plan.headDimension, elementType: call.elementType)
  }
}

extension Plan {
  /// True if a pair writes channels that another pair reads, so that in place a head must be rotated elsewhere first.
  fileprivate var isStaged: Bool { pairs.contains { !$0.writesWhatItReads } }
}

extension Plan.Pair {
  /// True if it writes the channels that it reads, so that pairs can be rotated in place in any order.
  fileprivate var writesWhatItReads: Bool {
    output == input || (output.first == input.second && output.second == input.first)
  }
}

extension RopeStrides {
  fileprivate init(_ strides: Strides) {
    self.init(
      batch: Int64(strides.batch), sequence: Int64(strides.sequence), head: Int64(strides.head),
      channel: Int64(strides.channel))
  }
}
