import RoPE

// Each can occur in every call that rotates, and does no harm in one that is small enough.
extension Mutant {
  static let sizes: [Mutant] = [
    Mutant(.size, "tokens-from-1024-left-out", [], "does not rotate tokens beyond the first 1,024") {
      $0.leaveOut(if: $0.call.tokenCount > 1024) { row, _ in row.token >= 1024 }
    },
    Mutant(.size, "tokens-from-65536-left-out", [], "does not rotate tokens beyond the first 65,536") {
      $0.leaveOut(if: $0.call.tokenCount > 65_536) { row, _ in row.token >= 65_536 }
    },
    Mutant(.size, "last-block-left-out", [], "does not rotate the tokens that do not fill a block of 256") {
      let count = $0.call.tokenCount, end = count / 256 * 256
      return $0.leaveOut(if: end > 0 && count > end) { row, _ in row.token >= end }
    },
    Mutant(.size, "blocks-from-65535-left-out", [], "does not rotate heads of tokens beyond the first 65,535") {
      let heads = $0.call.tensors.map(\.heads)
      return $0.leaveOut(if: $0.call.tokenCount * $0.mostHeads > 65_535) { row, _ in
        row.token * heads[row.tensor] + row.head >= 65_535
      }
    },
    Mutant(.size, "heads-from-32-left-out", [], "does not rotate heads beyond the first 32") {
      $0.leaveOut(if: $0.mostHeads > 32) { row, _ in row.head >= 32 }
    },
    Mutant(.size, "query-heads-from-8-left-out", [], "does not rotate heads of Q beyond the first 8") {
      $0.leaveOut(if: $0.call.query.heads > 8) { row, _ in row.tensor == .query && row.head >= 8 }
    },
    Mutant(.size, "key-heads-from-4-left-out", [], "does not rotate heads of K beyond the first 4") {
      $0.leaveOut(if: $0.call.key.heads > 4) { row, _ in row.tensor == .key && row.head >= 4 }
    },
    Mutant(.size, "batch-rows-from-4-left-out", [], "does not rotate rows of the batch beyond the first 4") {
      let sequence = $0.call.sequence
      return $0.leaveOut(if: $0.call.batch > 4) { row, _ in row.token / sequence >= 4 }
    },
    Mutant(.size, "channels-from-512-left-out", [], "does not rotate channels beyond the first 512 of a head") {
      let isBeyond = $0.plan.pairs.map { max($0.input.first, $0.input.second) >= 512 }
      return $0.leaveOut(if: isBeyond.contains(true)) { _, pair in isBeyond[pair] }
    },
    Mutant(
      .size, "partner-of-other-pair-in-large-calls", [],
      """
      takes the partner of a channel from the next pair in a partial rotation of at least 10,240 heads of tokens, except \
      in the first of every four heads
      """
    ) {
      let count = $0.plan.pairs.count, tokens = $0.call.tokenCount, heads = $0.call.tensors.map(\.heads)
      $0.isHarmless = tokens * $0.mostHeads < 10_240
      $0.partner = { row, pair in
        row.head.isMultiple(of: 4) || tokens * heads[row.tensor] < 10_240 ? pair : (pair + 1) % count
      }
      return count > 1 && 2 * count < $0.plan.headDimension
    },
    Mutant(.size, "one-late-element-off", [], "gets one element of the 1,001st head of a token of Q wrong by 10 %") {
      let heads = $0.call.query.heads, type = $0.type
      guard let channel = $0.rotatedChannels.first else { return false }
      $0.isHarmless = $0.call.tokenCount * heads <= 1000
      $0.adjustment = { row, index in
        guard index.tensor == .query, index.token * heads + index.head == 1000 else { return }
        row.set(channel, rounding: row.output[channel] * 1.1, type)
      }
      return true
    },
  ]
}

extension MutantComputation {
  /// The heads of the tensor that has more.
  fileprivate var mostHeads: Int { max(call.query.heads, call.key.heads) }
}
