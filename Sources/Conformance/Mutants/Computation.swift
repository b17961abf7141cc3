import Goldens
import RoPE

/// How one case is computed: the right way, but for what a mistake changes in it.
///
/// A mistake changes convention, angles or addresses before any row is computed, or a row afterwards.
struct Computation {
  /// One head of one token.
  struct Place: Sendable, Equatable {
    let tensor: TensorName
    /// Among all tokens of the call.
    let token: Int
    let head: Int
  }

  /// One head of one token before and after, `D` channels.
  struct Row: Sendable {
    /// The values that were read.
    let input: [Double]
    let inputBits: [UInt32]
    /// The results before they are rounded to the element type.
    var output: [Double]
    var bits: [UInt32]
  }

  let golden: Golden
  /// The convention, of the forward direction.
  var plan: Plan
  /// The convention of the plan, where a mistake takes it for the case's.
  var mistakenConvention: Convention?
  /// What the contract gives, of the forward direction.
  var angles: Angles
  /// The plan by which the second output of a pair turns, where that is another one.
  var secondPlan: Plan?
  /// Where Q and K are read.
  var queryInput: TensorView
  var keyInput: TensorView
  /// The token whose angles a row has.
  var angleToken: @Sendable (Place) -> Int = { $0.token }
  /// The pair whose cosine and sine the first or second output of a pair has.
  var angleEntry: @Sendable (_ pair: Int, _ isSecond: Bool) -> Int = { pair, _ in pair }
  /// The rotation of `(x₀, x₁)` by `(c, s)`.
  var rotation: @Sendable (SIMD2<Double>, SIMD2<Double>, ElementType) -> SIMD2<Double> = { x, turn, _ in
    SIMD2(x[0] * turn[0] - x[1] * turn[1], x[1] * turn[0] + x[0] * turn[1])
  }
  /// How a result is rounded to the element type.
  var store: @Sendable (Double, ElementType) -> UInt32 = { $1.bits(rounding: $0) }
  /// How often a row is rotated.
  var passes = 1
  /// Whether a pair of a row is rotated.
  var isRotated: @Sendable (Place, _ pair: Int) -> Bool = { _, _ in true }
  /// Whether a channel of a row is written.
  var isWritten: @Sendable (Place, _ channel: Int) -> Bool = { _, _ in true }
  /// What becomes of a finished row.
  var adjustment: (@Sendable (inout Row, Place) -> Void)?
  /// What else is done to the memory of the call, by the number of the run.
  var interference: (@Sendable (Interference) -> Void)?

  let call: RotationCall
  private let memory: [[UInt8]]
  private let cache: CosSinCache

  /// The right computation, or nil of a case that does not store its tensors.
  ///
  /// - Parameters:
  ///   - call: the call of the case.
  ///   - memory: the bytes of its buffers before it.
  init?(_ golden: Golden, call: RotationCall, memory: [[UInt8]], cache: CosSinCache) {
    guard case .stored(let tensors) = golden.content else { return nil }
    self.golden = golden
    self.call = call
    self.memory = memory
    self.cache = cache
    plan = golden.plan
    angles = tensors.angles
    queryInput = call.query.input
    keyInput = call.key.input
  }

  var workload: Workload { golden.goldenCase.workload }
  var type: ElementType { golden.goldenCase.elementType }
  var runningPlan: Plan { plan.running(workload.direction) }

  /// Every row, Q first.
  var places: [Place] {
    [(TensorName.query, call.query.heads), (.key, call.key.heads)].flatMap { tensor, heads in
      (0..<call.tokenCount).flatMap { token in
        (0..<heads).map { Place(tensor: tensor, token: token, head: $0) }
      }
    }
  }

  /// Computes rows, in the order of their places.
  ///
  /// - Complexity: one cosine and sine for each pair and token, unless known from an earlier computation of the case.
  func rows(_ places: [Place]) -> [Row] {
    let running = runningPlan, angles = angles.running(workload.direction)
    let tokens = places.map(angleToken).reduce(into: [Int]()) { if $0.last != $1 { $0.append($1) } }
    let values = plan.pairs.isEmpty ? nil : cache.values(running, angles: angles, tokens: tokens)
    let secondValues = secondPlan.map {
      cache.values($0.running(workload.direction), angles: angles, tokens: tokens)
    }
    let inputs = memory.map { bytes in ElementArray(type: type, bytes: bytes) }
    return places.map { place in
      var row = read(place, inputs)
      if let values {
        let token = angleToken(place), turns = values[token], secondTurns = secondValues?[token] ?? turns
        for _ in 0..<passes { rotate(&row, place, running, (turns, secondTurns)) }
      }
      adjustment?(&row, place)
      return row
    }
  }

  private func read(_ place: Place, _ inputs: [ElementArray]) -> Row {
    let view = place.tensor == .query ? queryInput : keyInput
    let first =
      view.offset + place.token / call.sequence * view.strides.batch
      + place.token % call.sequence * view.strides.sequence + place.head * view.strides.head
    let elements = inputs[view.buffer]
    // A wrong stride can lead out of the buffer; what a device reads there is unknown, and the buffer's beginning is
    // as good as anything.
    let bits = (0..<plan.headDimension).map { elements[(first + $0 * view.strides.channel) % elements.count] }
    let values = bits.map(type.value(ofBits:))
    return Row(input: values, inputBits: bits, output: values, bits: bits)
  }

  private func rotate(
    _ row: inout Row, _ place: Place, _ plan: Plan, _ turns: (first: [SIMD2<Double>], second: [SIMD2<Double>])
  ) {
    let input = row.output
    for (index, pair) in plan.pairs.enumerated() where isRotated(place, index) {
      let values = SIMD2(input[pair.input.first], input[pair.input.second])
      let first = rotation(values, turns.first[angleEntry(index, false)], type)[0]
      let second = rotation(values, turns.second[angleEntry(index, true)], type)[1]
      for (channel, value) in [(pair.output.first, first), (pair.output.second, second)] {
        let bits = store(value, type)
        // A result that is stored in another way than rounded is what was stored.
        row.set(channel, to: bits == type.bits(rounding: value) ? value : type.value(ofBits: bits), bits: bits)
      }
    }
  }
}

extension Computation.Row {
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
