import Backends
import Goldens
import Judging
import RoPE

/// A backend with a planted mistake, for one case.
struct PlantedBackend: RoPEBackend {
  private let mistake: PlantedMistake
  private let call: PlantedCall

  /// `budget` is that of the case, for mistakes that are a multiple of what it allows.
  init(_ mistake: PlantedMistake, _ golden: Golden, _ budget: Budget) {
    self.mistake = mistake
    call = PlantedCall(golden, budget)
  }

  var name: String { "planted" }
  var summary: String { mistake.name }

  func support(for call: RotationCall) -> Support { .supported }

  func rotate(_ call: RotationCall, in memory: CallMemory) throws -> Evidence? {
    let dimension = call.plan.headDimension
    for (extent, tensor) in zip(self.call.tensors, call.present) {
      let view = tensor.output
      for token in 0..<extent.tokenCount {
        let bits = outputs(extent, token)
        for head in 0..<extent.heads {
          let first = view.index(token: token, head: head, sequence: extent.sequence)
          for channel in 0..<dimension {
            memory.buffers[view.buffer].setBits(
              bits[head * dimension + channel], at: first + channel * view.strides.channel, type: call.elementType)
          }
        }
      }
    }
    return nil
  }

  /// The bits of a token, `[heads, D]`.
  private func outputs(_ extent: TensorExtent, _ token: Int) -> ElementArray {
    let golden = call.golden, dimension = golden.plan.headDimension, type = call.type
    let exact = golden.truth.rows(extent.name, token..<token + 1)
    var bits = exact.input
    let copied = golden.runningPlan.passThroughChannels
    for part in mistake.parts where part.copiedBits != 0 {
      for head in 0..<extent.heads
      where part.isHit(call, RowIndex(tensor: extent.name, token: token, head: head), nil, 0) {
        for channel in copied { bits[head * dimension + channel] ^= part.copiedBits }
      }
    }
    let structure = mistake.structure(call, extent.name)
    let channels = (structure?.pairs ?? golden.runningPlan.pairs).map(\.output)
    for pair in call.pairs(exact, extent.name, token, in: structure) {
      let value = mistake.value(call, pair), first = pair.row.head * dimension
      bits[first + channels[pair.pair].first] = type.bits(rounding: value.x)
      bits[first + channels[pair.pair].second] = type.bits(rounding: value.y)
    }
    return bits
  }
}

extension PlantedMistake {
  /// The structure of a tensor; nil if it is the right one.
  func structure(_ call: PlantedCall, _ tensor: TensorName) -> PlantedStructure? {
    parts.lazy.filter { $0.isHit(call, RowIndex(tensor: tensor, token: 0, head: 0), 0, 0) }
      .compactMap { $0.structure?(call) }.first
  }
}
