import Reference
import RoPE
import Synchronization

/// Cosines and sines of some tokens' pairs, times the attention factor: the float64 nearest to each.
final class CosSin: @unchecked Sendable {
  /// `(cosine, sine)` of each pair, one row for each token.
  private let rows: UnsafeMutablePointer<SIMD2<Double>>
  /// The row of each token from the first on; 0 for one that has none.
  private let rowOfToken: [Int]
  private let firstToken: Int
  private let pairCount: Int

  /// `tokens` are indices into the angles, ascending.
  init(_ plan: Plan, angles: Angles, tokens: [Int]) {
    pairCount = plan.pairs.count
    firstToken = tokens.first ?? 0
    var rowOfToken = Array(repeating: 0, count: (tokens.last ?? firstToken) - firstToken + 1)
    for (row, token) in tokens.enumerated() { rowOfToken[token - firstToken] = row }
    self.rowOfToken = rowOfToken
    rows = .allocate(capacity: max(1, tokens.count * pairCount))
    rows.initialize(repeating: .zero, count: max(1, tokens.count * pairCount))
    let rotation = ExactRotation(plan: plan, angles: angles)
    for (row, token) in tokens.enumerated() {
      for (pair, turn) in rotation.turns(token: token).enumerated() { rows[row * pairCount + pair] = turn }
    }
  }

  deinit { rows.deallocate() }

  /// `(cosine, sine)` of each pair of a token.
  subscript(token: Int) -> UnsafePointer<SIMD2<Double>> {
    UnsafePointer(rows + rowOfToken[token - firstToken] * pairCount)
  }
}

/// Cosines and sines that the mutants of one case share: most mistakes leave the angles unchanged.
package final class CosSinCache: Sendable {
  private struct Entry {
    let plan: Plan
    let angles: Angles
    let tokens: [Int]
    let values: CosSin
  }

  private let entries = Mutex<[Entry]>([])

  /// An empty cache.
  package init() {}

  /// The cosines and sines of a plan's pairs, whatever their channels are.
  func values(_ plan: Plan, angles: Angles, tokens: [Int]) -> CosSin {
    let plan = plan.withCanonicalChannels, tokens = Set(tokens).sorted()
    let known = entries.withLock { entries in
      entries.first { $0.tokens == tokens && $0.angles == angles && $0.plan == plan }
    }
    if let known { return known.values }
    let values = CosSin(plan, angles: angles, tokens: tokens)
    entries.withLock { $0.append(Entry(plan: plan, angles: angles, tokens: tokens, values: values)) }
    return values
  }
}

extension Plan {
  /// The same angles on neighbouring channels.
  fileprivate var withCanonicalChannels: Plan {
    let pairs = pairs.enumerated().map { index, pair in
      let channels = Channels(2 * index, 2 * index + 1)
      return Pair(input: channels, output: channels, axis: pair.axis, frequency: pair.frequency)
    }
    // Pairs on distinct channels always make a valid plan.
    return
      (try? Plan(
        headDimension: max(1, 2 * pairs.count), pairs: pairs, attentionFactor: attentionFactor, axisCount: axisCount))
      ?? self
  }
}
