import Goldens
import RoPE

/// The computation of one case: the right one, except for what a mistake changes.
///
/// A mistake changes convention, angles or addresses before any row is computed, or a row afterwards.
package struct MutantComputation {
  /// One head of one token before and after, `D` channels.
  package struct Row: Sendable {
    /// The values that were read.
    package let input: [Double]
    /// The results before they are rounded to the element type.
    package internal(set) var output: [Double]
    /// The results as bit patterns.
    package internal(set) var bits: [UInt32]
  }

  package let golden: Golden
  /// The plan of the forward direction.
  package internal(set) var plan: Plan
  /// The convention of the plan, if a mistake uses another than the case's.
  package internal(set) var mistakenConvention: Convention?
  /// The angles that the contract gives, for the forward direction.
  var angles: Angles
  /// The plan by which the second output of a pair turns; nil if it is the same.
  var secondPlan: Plan?
  /// The views through which Q and K are read.
  var inputs: PerTensor<TensorView>
  /// The token whose angles a row uses.
  var angleToken: @Sendable (RowIndex) -> Int = { $0.token }
  /// The pair whose cosine and sine the first or second output of a pair uses.
  var angleEntry: @Sendable (_ pair: Int, _ isSecond: Bool) -> Int = { pair, _ in pair }
  /// The rotation of `(x₀, x₁)` by `(c, s)`.
  var rotation: @Sendable (SIMD2<Double>, SIMD2<Double>, ElementType) -> SIMD2<Double> = { x, turn, _ in
    SIMD2(x[0] * turn[0] - x[1] * turn[1], x[1] * turn[0] + x[0] * turn[1])
  }
  /// Rounds a result to the element type.
  var store: @Sendable (Double, ElementType) -> UInt32 = { $1.bits(rounding: $0) }
  /// The number of rotations of each row.
  var passes = 1
  /// True if a pair of a row is rotated.
  var isRotated: @Sendable (RowIndex, _ pair: Int) -> Bool = { _, _ in true }
  /// True if a channel of a row is written.
  var isWritten: @Sendable (RowIndex, _ channel: Int) -> Bool = { _, _ in true }
  /// Changes a finished row.
  var adjustment: (@Sendable (inout Row, RowIndex) -> Void)?
  /// Changes the memory of the call, by the number of the run.
  var interference: (@Sendable (Interference) -> Void)?

  let call: JointCall
  private let images: [ElementArray]
  private let cache: CosSinCache

  /// Makes the right computation.
  ///
  /// `call` is the call of the case, and `images` are the bytes of its buffers before it.
  package init(_ golden: Golden, call: JointCall, images: [[UInt8]], cache: CosSinCache) {
    self.golden = golden
    self.call = call
    self.images = images.map { ElementArray(type: golden.goldenCase.elementType, bytes: $0) }
    self.cache = cache
    plan = golden.plan
    angles = golden.angles
    inputs = call.tensors.map(\.input)
  }

  var workload: Workload { golden.goldenCase.workload }
  var type: ElementType { golden.goldenCase.elementType }
  /// The plan of the call, with the mistake.
  package var runningPlan: Plan { plan.running(workload.direction) }

  /// The index of every row, those of Q first.
  package var indices: [RowIndex] {
    TensorName.rotated.flatMap { tensor in
      (0..<call.tokenCount).flatMap { token in
        (0..<call.tensors[tensor].heads).map { RowIndex(tensor: tensor, token: token, head: $0) }
      }
    }
  }

  /// Computes rows, in the order of their indices.
  ///
  /// - Complexity: one cosine and sine for each pair and token, unless known from an earlier computation of the case.
  package func rows(_ indices: [RowIndex]) -> [Row] {
    let running = runningPlan, angles = angles.running(workload.direction)
    let tokens = indices.map(angleToken).reduce(into: [Int]()) { if $0.last != $1 { $0.append($1) } }
    let values = plan.pairs.isEmpty ? nil : cache.values(running, angles: angles, tokens: tokens)
    let secondValues = secondPlan.map {
      cache.values($0.running(workload.direction), angles: angles, tokens: tokens)
    }
    return indices.map { index in
      var row = read(index)
      if let values {
        let token = angleToken(index), turns = values[token], secondTurns = secondValues?[token] ?? turns
        for _ in 0..<passes { rotate(&row, index, running, (turns, secondTurns)) }
      }
      adjustment?(&row, index)
      return row
    }
  }

  private func read(_ index: RowIndex) -> Row {
    let view = inputs[index.tensor], elements = images[view.buffer]
    let first = view.index(token: index.token, head: index.head, sequence: call.sequence)
    // A wrong stride can lead out of the buffer. The data there are unknown, and the buffer's beginning is as good as
    // any.
    let bits = (0..<plan.headDimension).map { elements[(first + $0 * view.strides.channel) % elements.count] }
    let values = bits.map(type.value(ofBits:))
    return Row(input: values, output: values, bits: bits)
  }

  private func rotate(
    _ row: inout Row, _ place: RowIndex, _ plan: Plan, _ turns: (first: [SIMD2<Double>], second: [SIMD2<Double>])
  ) {
    let input = row.output
    for (index, pair) in plan.pairs.enumerated() where isRotated(place, index) {
      let values = SIMD2(input[pair.input.first], input[pair.input.second])
      let first = rotation(values, turns.first[angleEntry(index, false)], type)[0]
      let second = rotation(values, turns.second[angleEntry(index, true)], type)[1]
      for (channel, value) in [(pair.output.first, first), (pair.output.second, second)] {
        let bits = store(value, type)
        // If the result was stored in another way than rounding, its value is that of the stored bits.
        row.set(channel, to: bits == type.bits(rounding: value) ? value : type.value(ofBits: bits), bits: bits)
      }
    }
  }
}

extension MutantComputation.Row {
  /// Sets an output channel to a value that is stored as `bits`.
  mutating func set(_ channel: Int, to value: Double, bits: UInt32) {
    output[channel] = value
    self.bits[channel] = bits
  }

  /// Sets an output channel to a bit pattern.
  mutating func set(_ channel: Int, toBits bits: UInt32, _ type: ElementType) {
    set(channel, to: type.value(ofBits: bits), bits: bits)
  }
}

extension JointCall {
  /// Q and K.
  var tensors: PerTensor<RotatedTensor> { PerTensor(query: query, key: key) }
}
