import Goldens
import RoPE

/// The call of a case: its tensors placed in buffers, and the contents of the buffers before the call.
package struct CaseCall: Sendable {
  /// The call; that of its twin if the case is invalid.
  package let call: RotationCall
  /// The size of each buffer in bytes, guards included.
  package let byteCounts: [Int]
  /// Descriptions of the buffers, for messages.
  package let names: [String]
  private let golden: Golden
  private let placement: Placement

  /// Makes the call of a case.
  ///
  /// - Throws: `CallError` if the golden itself does not give a valid call.
  package init(_ golden: Golden) throws {
    placement = Placement(golden.goldenCase)
    self.golden = golden
    byteCounts = placement.byteCounts
    names = placement.names
    call = RotationCall(golden.valid, placement)
    try call.validate(bufferByteCounts: byteCounts)
  }

  /// The call that must be refused, in the same memory, and its invalid value in words; nil for a valid case.
  package var refused: (call: RotationCall, value: String)? {
    guard let refused = golden.refused, let value = golden.refusedValue else { return nil }
    return (RotationCall(refused, placement), value)
  }

  /// A signalling NaN of each type.
  ///
  /// Arithmetic cannot return it: an element that still holds it was not written, and one that was computed from it has
  /// changed.
  package static func poison(_ type: ElementType) -> UInt32 {
    switch type {
    case .float32: 0xFFAD_BEEF
    case .float16: 0xFDAD
    case .bfloat16: 0xFFAD
    }
  }

  // MARK: - Before the call

  /// The contents of all buffers before the call.
  package func images() -> [[UInt8]] {
    byteCounts.indices.map { buffer in image(of: buffer, bytes: 0..<byteCounts[buffer]) }
  }

  /// The contents of a part of a buffer before the call: inputs in their places, the values V between those of a fused
  /// buffer, and poison everywhere else.
  ///
  /// The range `bytes` begins and ends between elements.
  package func image(of buffer: Int, bytes: Range<Int>) -> [UInt8] {
    let type = call.elementType, size = type.byteCount, elements = bytes.lowerBound / size..<bytes.upperBound / size
    var image = [UInt8](repeating: 0, count: bytes.count)
    image.withUnsafeMutableBytes { image in
      fillBetween(image, elements, of: buffer)
      var row = [UInt8](repeating: 0, count: call.plan.headDimension * size)
      for name in TensorName.rotated {
        guard let tensor = call.tensors[name], tensor.input.buffer == buffer else { continue }
        forEachRow(of: tensor, tensor.input, in: elements) { token, head, first in
          row.withUnsafeMutableBytes { row in
            golden.truth.input(RowIndex(tensor: name, token: token, head: head), into: row)
            let source = UnsafeRawBufferPointer(row)
            forEachRun(of: tensor.input, from: first, in: elements) { index, channels in
              image.copy(
                channels.count * size, from: source, at: channels.lowerBound * size,
                to: (index - elements.lowerBound) * size)
            }
          }
        }
      }
    }
    return image
  }

  /// Fills a part of a buffer with poison, or between the guards of a fused buffer with numbers that rotation would
  /// change.
  private func fillBetween(_ image: UnsafeMutableRawBufferPointer, _ elements: Range<Int>, of buffer: Int) {
    let type = call.elementType, poison = Self.poison(type)
    if type == .float32 {
      image.bindMemory(to: UInt32.self).initialize(repeating: poison.littleEndian)
    } else {
      image.bindMemory(to: UInt16.self).initialize(repeating: UInt16(truncatingIfNeeded: poison).littleEndian)
    }
    guard golden.goldenCase.workload.storage == .fusedQKV, call.tensors.query?.input.buffer == buffer else { return }
    let guardCount = Placement.guardByteCount / type.byteCount, hash = InputHash(seed: golden.goldenCase.seed)
    let values = (guardCount..<byteCounts[buffer] / type.byteCount - guardCount).clamped(to: elements)
    for index in values {
      // These indices follow those of Q and K.
      let bits = hash.element(at: 2 * InputHash.keyOffset + index, type: type)
      image.setBits(bits, at: index - elements.lowerBound, type: type)
    }
  }

  // MARK: - Rows in a part of a buffer

  /// Copies the output elements from one image of a part of a buffer to another.
  func copyOutputs(
    of buffer: Int, bytes: Range<Int>, from source: UnsafeRawBufferPointer, to target: UnsafeMutableRawBufferPointer
  ) {
    let type = call.elementType, size = type.byteCount, elements = bytes.lowerBound / size..<bytes.upperBound / size
    for tensor in call.present where tensor.output.buffer == buffer {
      forEachRow(of: tensor, tensor.output, in: elements) { _, _, first in
        forEachRun(of: tensor.output, from: first, in: elements) { index, channels in
          let byte = (index - elements.lowerBound) * size
          target.copy(channels.count * size, from: source, at: byte, to: byte)
        }
      }
    }
  }

  /// Calls back for the channels of a row that lie in a range of a buffer, one run of adjacent channels at a time, with
  /// the index of the run's first element.
  private func forEachRun(
    of view: TensorView, from first: Int, in elements: Range<Int>,
    _ body: (_ index: Int, _ channels: Range<Int>) -> Void
  ) {
    let dimension = call.plan.headDimension
    if view.strides.channel == 1 {
      let run = (first..<first + dimension).clamped(to: elements)
      if !run.isEmpty { body(run.lowerBound, run.lowerBound - first..<run.upperBound - first) }
    } else {
      for channel in 0..<dimension {
        let index = first + channel * view.strides.channel
        if elements.contains(index) { body(index, channel..<channel + 1) }
      }
    }
  }

  /// Calls back for every row of a view that has an element in a range of its buffer.
  ///
  /// `body` takes the token, counted over all rows of the batch, the head, and the index of the row's first element in
  /// the buffer.
  private func forEachRow(
    of tensor: RotatedTensor, _ view: TensorView, in elements: Range<Int>,
    _ body: (_ token: Int, _ head: Int, _ first: Int) -> Void
  ) {
    // Widest stride first, so that whole blocks outside the range are skipped.
    let axes = [
      Axis(extent: call.batch, stride: view.strides.batch, token: tensor.sequence, head: 0),
      Axis(extent: tensor.sequence, stride: view.strides.sequence, token: 1, head: 0),
      Axis(extent: tensor.heads, stride: view.strides.head, token: 0, head: 1),
    ].sorted { $0.stride > $1.stride }
    let (outer, middle, inner) = (axes[0], axes[1], axes[2])
    // Loops rather than a recursive function, which would copy the whole call for every row.
    let innerReach = (call.plan.headDimension - 1) * view.strides.channel + 1
    let middleReach = innerReach + (inner.extent - 1) * inner.stride
    let outerReach = middleReach + (middle.extent - 1) * middle.stride
    for first in outer.indices(from: view.offset, reach: outerReach, in: elements) {
      let start = view.offset + first * outer.stride
      for second in middle.indices(from: start, reach: middleReach, in: elements) {
        let begin = start + second * middle.stride
        for third in inner.indices(from: begin, reach: innerReach, in: elements) {
          body(
            first * outer.token + second * middle.token + third * inner.token,
            first * outer.head + second * middle.head + third * inner.head, begin + third * inner.stride)
        }
      }
    }
  }

  /// An axis of a view.
  private struct Axis {
    let extent: Int
    let stride: Int
    /// The increments of token and head per step.
    let token: Int
    let head: Int

    /// The indices whose blocks, of `reach` elements each, touch a range.
    func indices(from first: Int, reach: Int, in elements: Range<Int>) -> Range<Int> {
      guard stride > 0 else { return 0..<extent }
      let below = elements.lowerBound - reach - first
      let lower = below < 0 ? 0 : below / stride + 1
      let beyond = elements.upperBound - first
      let upper = beyond <= 0 ? 0 : (beyond - 1) / stride + 1
      return lower..<max(lower, min(upper, extent))
    }
  }
}

extension RotationCall {
  fileprivate init(_ golden: Golden, _ placement: Placement) {
    let goldenCase = golden.goldenCase, workload = goldenCase.workload
    self.init(
      plan: golden.runningPlan, elementType: goldenCase.elementType, batch: workload.batch,
      tensors: PerTensor { name in
        guard let views = placement.views[name] else { return nil }
        return RotatedTensor(
          sequence: workload.sequence(of: name), sequenceStarts: workload.sequenceStarts(of: name),
          heads: workload.heads(of: name), angles: golden.runningAngles(of: name), input: views.input,
          output: views.output)
      }, origin: CallOrigin(caseName: goldenCase.name, convention: goldenCase.convention))
  }
}
