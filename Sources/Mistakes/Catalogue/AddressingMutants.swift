import Goldens
import RoPE

extension Mutant {
  static let addressing: [Mutant] = [
    Mutant(.addressing, "sine-from-cosine-row", ["B09"], "uses the cosine as the sine") {
      $0.rotation = { x, turn, _ in SIMD2(x[0] * turn[0] - x[1] * turn[0], x[1] * turn[0] + x[0] * turn[0]) }
      return $0.contract == .table
    },
    Mutant(
      .addressing, "sine-behind-power-of-two", ["B48"],
      "expects the sines of a row at the next power of two, not right after its cosines"
    ) {
      let count = $0.plan.pairs.count
      guard count > 0, case .table(let table, let rows) = $0.angles else { return false }
      var padded = 1
      while padded < count { padded *= 2 }
      guard padded > count else { return false }
      // Each row has its cosines, then its sines; zeros follow the last row.
      var flat: [UInt32] = []
      for row in 0..<table.rowCount {
        let entries = row * count..<(row + 1) * count
        flat += table.cosines[entries]
        flat += table.sines[entries]
      }
      let sines = (0..<table.rowCount * count).map { index -> UInt32 in
        let place = index / count * 2 * count + padded + index % count
        return flat.indices.contains(place) ? flat[place] : 0
      }
      $0.angles = .table(
        CosSinTable(type: table.type, pairCount: count, cosines: table.cosines, sines: sines), rows: rows)
      return true
    },
    Mutant(.addressing, "last-head-left-out", ["B49", "B50"], "does not rotate the last head") {
      let heads = $0.call.tensors.map(\.heads)
      return $0.leaveOut { row, _ in row.head == heads[row.tensor] - 1 }
    },
    Mutant(.addressing, "last-token-left-out", ["B50"], "does not rotate the last token") {
      let count = $0.call.tokenCount
      return $0.leaveOut { row, _ in row.token == count - 1 }
    },
    Mutant(.addressing, "last-pair-left-out", ["B49"], "does not rotate the last pair, as if one lane were missing") {
      let count = $0.plan.pairs.count
      return $0.leaveOut { _, pair in pair == count - 1 }
    },
    Mutant(
      .addressing, "partner-of-other-lane", ["B69"],
      "takes the partner of a channel from another lane, as a shuffle for another wave size does"
    ) { computation in
      let pairs = computation.plan.pairs
      return computation.mapPairs { index, pair in
        let partner = pairs[(index + pairs.count / 2) % pairs.count].input.second
        return Plan.Pair(
          input: Plan.Channels(pair.input.first, partner), output: pair.output, axis: pair.axis,
          frequency: pair.frequency)
      }
    },
    Mutant(.addressing, "key-left-out", ["B10"], "rotates Q but not K") {
      $0.leaveOut { row, _ in row.tensor == .key }
    },
    Mutant(
      .addressing, "equally-many-keys-left-out", [], "rotates Q but not K if both have the same number of heads"
    ) {
      $0.leaveOut(if: $0.call.query.heads == $0.call.key.heads) { row, _ in row.tensor == .key }
    },
    Mutant(
      .addressing, "keys-beyond-queries-left-out", [], "rotates as many heads of K as Q has, although K has more"
    ) {
      let queryHeads = $0.call.query.heads
      return $0.leaveOut(if: $0.call.key.heads > queryHeads) { row, _ in
        row.tensor == .key && row.head >= queryHeads
      }
    },
    Mutant(.addressing, "single-query-head-left-out", [], "does not rotate Q if it has one head") {
      $0.leaveOut(if: $0.call.query.heads == 1) { row, _ in row.tensor == .query }
    },
    Mutant(.addressing, "key-heads-read-head-0", ["B17"], "reads head 0 for every head of K") {
      $0.inputs.key.strides.head = 0
      return $0.call.key.heads > 1
    },
    Mutant(.addressing, "key-with-query-strides", ["B10", "B43"], "reads K with the strides of Q") {
      let right = $0.inputs
      $0.inputs.key.strides = $0.inputs.query.strides
      return $0.inputs != right
    },
    Mutant(.addressing, "read-as-contiguous", ["B18", "B41", "B42"], "reads a strided tensor as if it were contiguous")
    {
      $0.readAsContiguous()
    },
    Mutant(
      .addressing, "heads-and-tokens-exchanged", ["B37", "B41"],
      "swaps the strides of heads and tokens"
    ) {
      for tensor in TensorName.rotated {
        let strides = $0.inputs[tensor].strides
        $0.inputs[tensor].strides.sequence = strides.head
        $0.inputs[tensor].strides.head = strides.sequence
      }
      return $0.call.sequence > 1 || $0.call.query.heads > 1
    },
    Mutant(.addressing, "batch-stride-ignored", ["B29"], "reads the first row of the batch for every row") {
      for tensor in TensorName.rotated { $0.inputs[tensor].strides.batch = 0 }
      return $0.call.batch > 1
    },
    Mutant(
      .addressing, "elements-read-as-other-type", [], "reads float16 elements as bfloat16, or the reverse"
    ) {
      let other: ElementType = $0.type == .float16 ? .bfloat16 : .float16
      return $0.type != .float32 && $0.mapInputs { x, type in other.value(ofBits: type.bits(rounding: x)) }
    },
    Mutant(
      .addressing, "in-place-read-after-write", ["B44"],
      "works in place and reads the first channel of a pair after it has written it"
    ) {
      $0.readAfterWrite()
    },
    // One instance of a kernel that is compiled for each type, pairing and contract can have the mistake alone.
    Mutant(
      .addressing, "in-place-16-bit-read-after-write", ["B44"],
      "reads the first channel of a pair after it has written it, in place and in 16-bit types"
    ) {
      $0.type != .float32 && $0.readAfterWrite()
    },
    Mutant(
      .addressing, "in-place-float32-table-read-after-write", ["B44"],
      "reads the first channel of a pair after it has written it, in place, in float32 and by a table"
    ) {
      $0.type == .float32 && $0.contract == .table && $0.readAfterWrite()
    },
    Mutant(
      .addressing, "in-place-interleaved-table-read-after-write", ["B44"],
      "reads the first channel of a pair after it has written it, in place, in neighbouring channels and by a table"
    ) {
      $0.convention.pairing == .interleaved && $0.contract == .table && $0.readAfterWrite()
    },
    Mutant(
      .addressing, "in-place-half-frequency-read-after-write", ["B44"],
      "reads the first channel of a pair after it has written it, in place, in halves and by frequencies"
    ) {
      $0.convention.pairing == .half && $0.contract == .frequency && $0.readAfterWrite()
    },
    Mutant(
      .addressing, "in-place-float16-position-read-after-write", ["B44"],
      "reads the first channel of a pair after it has written it, in place, in float16 and by positions"
    ) {
      $0.type == .float16 && $0.contract == .position && $0.readAfterWrite()
    },
  ]
}

extension MutantComputation {
  /// Reads the first channel of a pair after it was written, if the call is in place.
  fileprivate mutating func readAfterWrite() -> Bool {
    rotation = { x, turn, type in
      let first = x[0] * turn[0] - x[1] * turn[1]
      let written = type.value(ofBits: type.bits(rounding: first))
      return SIMD2(first, x[1] * turn[0] + written * turn[1])
    }
    return workload.inPlace && !plan.pairs.isEmpty
  }
}
