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
    Mutant(.output, "outputs-exchanged", [], "swaps the two results of a pair") {
      $0.rotation = { x, turn, _ in SIMD2(x[1] * turn[0] + x[0] * turn[1], x[0] * turn[0] - x[1] * turn[1]) }
      return !$0.plan.pairs.isEmpty
    },
    Mutant(.output, "key-doubled", [], "writes twice the result of K, as one encoding of float8 read as another does") {
      $0.multiplyResults { $0.tensor == .key ? 2 : nil }
      return !$0.plan.pairs.isEmpty
    },
    Mutant(
      .output, "packed-without-mask", [],
      "packs two 16-bit results into a word so that the sign of the first fills the second"
    ) { computation in
      let rotated = Set(computation.rotatedChannels), type = computation.type
      let words = stride(from: 0, to: computation.plan.headDimension - 1, by: 2).filter {
        rotated.contains($0) && rotated.contains($0 + 1)
      }
      computation.adjustment = { row, _ in
        for channel in words where row.bits[channel] & 0x8000 != 0 { row.set(channel + 1, toBits: 0xFFFF, type) }
      }
      return type != .float32 && !words.isEmpty
    },
    Mutant(.output, "one-element-off", [], "gets one element wrong by 10 %") { computation in
      guard let channel = computation.rotatedChannels.first else { return false }
      let type = computation.type
      computation.adjustment = { row, place in
        guard place == RowIndex(tensor: .key, token: 0, head: 0) else { return }
        let value = row.output[channel] * 1.1
        row.set(channel, rounding: value, type)
      }
      return true
    },
    Mutant(.output, "nan-leaks", [], "lets a NaN or an infinity spread to the neighbouring pair") { computation in
      let pairs = computation.runningPlan.pairs, type = computation.type
      computation.adjustment = { row, _ in
        for (index, pair) in pairs.enumerated() where index + 1 < pairs.count {
          guard !row.input[pair.input.first].isFinite || !row.input[pair.input.second].isFinite else { continue }
          row.set(pairs[index + 1].output.first, rounding: .nan, type)
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
      $0.interference = { $0.race() }
      return !$0.plan.pairs.isEmpty
    },
    Mutant(
      .integrity, "not-deterministic-from-257-tokens", ["B45"],
      "changes the last bit of one in 10,000 elements of Q from run to run if there are more than 256 tokens"
    ) {
      $0.isHarmless = $0.call.tokenCount <= 256
      if !$0.isHarmless { $0.interference = { $0.race() } }
      return !$0.plan.pairs.isEmpty
    },
    Mutant(
      .integrity, "copies-unwritten", [], "writes only the channels that rotate, although its outputs are elsewhere"
    ) {
      let rotated = Set($0.rotatedChannels)
      $0.isWritten = { _, channel in rotated.contains(channel) }
      return !$0.workload.inPlace && !$0.runningPlan.passThroughChannels.isEmpty
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
      return $0.leaveOut { _, pair in pair >= count / 2 }
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
