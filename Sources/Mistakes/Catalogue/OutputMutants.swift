import Goldens
import RoPE

extension Mutant {
  static let outputs: [Mutant] = [
    Mutant(.output, "all-zero", [], "writes zeros") { computation in
      let channels = computation.rotatedChannels
      computation.adjustment = { row, _ in for channel in channels { row.set(channel, to: 0, bits: 0) } }
      return !channels.isEmpty
    },
    Mutant(.output, "negated", [], "writes the result with the wrong sign") {
      $0.rotation = { x, turn, _ in SIMD2(x[1] * turn[1] - x[0] * turn[0], -x[1] * turn[0] - x[0] * turn[1]) }
      return !$0.plan.pairs.isEmpty
    },
    Mutant(.output, "negated-as-integer", ["B66"], "negates the bit pattern of an element as if it were an integer") {
      $0.rotation = { x, turn, type in
        let negated = type.value(ofBits: (0 &- type.bits(rounding: x[1])) & (type == .float32 ? .max : 0xFFFF))
        return SIMD2(x[0] * turn[0] + negated * turn[1], x[1] * turn[0] + x[0] * turn[1])
      }
      return !$0.plan.pairs.isEmpty
    },
    Mutant(.output, "one-element-off", [], "gets one element wrong by 10 %") { computation in
      guard let channel = computation.rotatedChannels.first else { return false }
      let type = computation.type
      computation.adjustment = { row, place in
        guard place == RowIndex(tensor: .key, token: 0, head: 0) else { return }
        let value = row.output[channel] * 1.1
        row.set(channel, to: value, bits: type.bits(rounding: value))
      }
      return true
    },
    Mutant(.output, "nan-leaks", [], "lets a NaN or an infinity spread to the neighbouring pair") { computation in
      let pairs = computation.runningPlan.pairs, type = computation.type
      computation.adjustment = { row, _ in
        for (index, pair) in pairs.enumerated() where index + 1 < pairs.count {
          guard !row.input[pair.input.first].isFinite || !row.input[pair.input.second].isFinite else { continue }
          row.set(pairs[index + 1].output.first, to: .nan, bits: type.bits(rounding: .nan))
        }
      }
      return computation.workload.pattern == .nonFinite && pairs.count > 1
    },
    Mutant(.output, "not-copied", ["B15"], "changes one bit of a channel that does not rotate") { computation in
      guard let channel = computation.runningPlan.passThroughChannels.last else { return false }
      let type = computation.type
      computation.adjustment = { row, _ in row.set(channel, toBits: row.bits[channel] ^ 1, type) }
      return true
    },
  ]

  static let integrity: [Mutant] = [
    Mutant(.integrity, "unwritten", [], "writes nothing") {
      $0.isWritten = { _, _ in false }
      return !$0.workload.inPlace
    },
    Mutant(.integrity, "only-first-row-written", ["B30"], "with one token per row, writes the first row only") {
      $0.isWritten = { place, _ in place.token == 0 }
      return !$0.workload.inPlace && $0.call.sequence == 1 && $0.call.batch > 1
    },
    Mutant(.integrity, "one-element-unwritten", ["B49"], "does not write the last channel of the last head") {
      let channel = $0.plan.headDimension - 1, heads = $0.call.query.heads
      $0.isWritten = { place, index in place.tensor == .key || place.head < heads - 1 || index < channel }
      return !$0.workload.inPlace
    },
    Mutant(.integrity, "writes-past-end", ["B40"], "writes beyond the end of Q") {
      $0.interference = { $0.flipByte($0.call.query.output, heads: $0.call.query.heads, offset: 1, isBehind: true) }
      return true
    },
    Mutant(.integrity, "writes-before-start", ["B40"], "writes before the beginning of K") {
      $0.interference = { $0.flipByte($0.call.key.output, heads: $0.call.key.heads, offset: -1) }
      return $0.call.key.output.buffer != $0.call.query.output.buffer
    },
    Mutant(.integrity, "padding-written", ["B18"], "writes between the rows of a strided tensor") {
      let strides = $0.call.query.output.strides, dimension = $0.plan.headDimension
      let width = strides.channel > 1 ? 1 : $0.call.query.heads * dimension
      let size = $0.type.byteCount
      $0.interference = { $0.flipByte($0.call.query.output, heads: 1, offset: width * size) }
      return (strides.channel > 1 || $0.workload.layout != .bhsd && strides.sequence > width && $0.call.sequence > 1)
        && $0.call.query.output.buffer != $0.call.key.output.buffer
    },
    Mutant(.integrity, "input-changed", ["B46"], "changes an input, although its outputs are elsewhere") {
      $0.interference = { $0.flipByte($0.call.key.input, heads: $0.call.key.heads, offset: 0) }
      return !$0.workload.inPlace
    },
    Mutant(
      .integrity, "not-deterministic", ["B44", "B45"],
      "changes the last bit of one in 10,000 elements of Q, and of at least one, from run to run"
    ) {
      let row = $0.plan.headDimension, count = $0.call.tokenCount * $0.call.query.heads * row
      $0.interference = { interference in
        guard interference.run > 1 else { return }
        for element in stride(from: interference.run % row, to: count, by: 10_000) {
          interference.flipLowestBit(interference.call.query, at: element)
        }
      }
      return !$0.plan.pairs.isEmpty
    },
    Mutant(.integrity, "equal-rows-differ", ["B29"], "gives equal rows of the batch results that differ in one bit") {
      let sequence = $0.call.sequence, type = $0.type
      guard let channel = $0.rotatedChannels.first else { return false }
      $0.adjustment = { row, place in
        if place.token >= sequence { row.set(channel, toBits: row.bits[channel] ^ 1, type) }
      }
      return $0.workload.pattern == .equalRows
    },
    Mutant(
      .integrity, "rotary-halved-at-each-call", ["B11"], isRightAtFirst: true,
      "rotates half as many channels in its second call"
    ) {
      let count = $0.plan.pairs.count
      $0.isRotated = { _, pair in pair < count / 2 }
      return count > 1
    },
    Mutant(
      .integrity, "cache-rounded-at-first-use", ["B25"], isRightAtFirst: true,
      "rounds its cached cosines to bfloat16 when it first uses them"
    ) {
      $0.mapTable(to: .bfloat16) { $0 }
    },
    Mutant(
      .integrity, "frequencies-kept-from-last-call", ["B59"], isRightAtFirst: true,
      "reuses frequencies that it computed for a longer call"
    ) {
      $0.convention.scaling != .none && $0.derivesFrequencies && $0.mapFrequencies { $1 / 2 }
    },
  ]
}

extension MutantComputation {
  /// The channels that a pair writes.
  fileprivate var rotatedChannels: [Int] { runningPlan.pairs.flatMap { [$0.output.first, $0.output.second] } }
}
