import Backends
import Foundation
import Goldens
import RoPE

/// A backend with a planted mistake, for one case.
struct PlantedBackend: RoPEBackend {
  private let mistake: PlantedMistake
  private let call: PlantedCall

  init(_ mistake: PlantedMistake, _ golden: Golden) {
    self.mistake = mistake
    call = PlantedCall(golden)
  }

  var name: String { "planted" }
  var summary: String { mistake.name }

  func support(for call: RotationCall) -> Support { .supported }

  func rotate(_ call: RotationCall, in memory: CallMemory) throws -> Evidence? {
    for (extent, tensor) in zip(self.call.tensors, call.present) {
      let view = tensor.output
      for token in 0..<extent.tokenCount {
        let rows = outputs(extent.name, token)
        for (head, bits) in rows.enumerated() {
          let first = view.index(token: token, head: head, sequence: extent.sequence)
          for (channel, bits) in bits.enumerated() {
            memory.buffers[view.buffer].setBits(
              bits, at: first + channel * view.strides.channel, type: call.elementType)
          }
        }
      }
    }
    return nil
  }

  /// The bits of each head of a token.
  private func outputs(_ tensor: TensorName, _ token: Int) -> [[UInt32]] {
    let golden = call.golden, type = golden.goldenCase.elementType, dimension = golden.plan.headDimension
    let exact = golden.truth.rows(tensor, token..<token + 1), heads = call.extent(tensor).heads
    let right = golden.runningPlan.pairs, pairs = mistake.pairs?(call, tensor) ?? right
    let turns = turns(exact, heads: heads)
    return (0..<heads).map { head in
      let first = head * dimension, row = RowIndex(tensor: tensor, token: token, head: head)
      var bits = (0..<dimension).map { exact.input[first + $0] }
      func set(_ channel: Int, _ value: Double) { bits[channel] = type.bits(rounding: value) }
      for pair in right {
        set(pair.output.first, exact.expected[first + pair.output.first])
        set(pair.output.second, exact.expected[first + pair.output.second])
      }
      for (number, pair) in pairs.enumerated() {
        let input = SIMD2(exact.values[first + pair.input.first], exact.values[first + pair.input.second])
        let own = SIMD2(
          exact.expected[first + right[number].output.first], exact.expected[first + right[number].output.second])
        let turned = mistake.turn?(call, tensor, token, number) ?? 0
        var value = pair == right[number] ? own : input.turned(turns[number])
        if turned != 0, mistake.isHit(call, row, number, 0) { value = value.turned(SIMD2(cos(turned), sin(turned))) }
        if let result = mistake.result {
          value = result(call, .init(row: row, pair: number, input: input, exact: own), value)
        }
        if mistake.isHit(call, row, number, 0) { set(pair.output.first, value.x) }
        if mistake.isHit(call, row, number, 1) { set(pair.output.second, value.y) }
      }
      return bits
    }
  }

  /// The cosine and sine of each pair, times the attention factor, from the largest inputs of a token.
  private func turns(_ exact: ExactRows, heads: Int) -> [SIMD2<Double>] {
    let golden = call.golden, dimension = golden.plan.headDimension
    return golden.runningPlan.pairs.map { pair in
      var best = SIMD2(1.0, 0), square = 0.0
      for head in 0..<heads {
        let first = head * dimension
        let input = SIMD2(exact.values[first + pair.input.first], exact.values[first + pair.input.second])
        let output = SIMD2(exact.expected[first + pair.output.first], exact.expected[first + pair.output.second])
        let size = (input * input).sum()
        guard size > square, size.isFinite, output.x.isFinite, output.y.isFinite else { continue }
        square = size
        best = SIMD2((input * output).sum(), input.x * output.y - input.y * output.x) / size
      }
      return best
    }
  }
}

extension SIMD2<Double> {
  /// The pair times a cosine and sine.
  fileprivate func turned(_ turn: SIMD2<Double>) -> SIMD2<Double> {
    SIMD2(x * turn.x - y * turn.y, y * turn.x + x * turn.y)
  }
}
