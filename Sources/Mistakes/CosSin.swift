import Reference
import RoPE
import Synchronization

/// Cosines and sines of some tokens' pairs, times the attention factor: the float64 nearest to each.
struct CosSin: Sendable {
  /// `(cosine, sine)` of each pair, by token.
  private let rows: [Int: [SIMD2<Double>]]

  /// `tokens` are indices into the angles.
  init(_ plan: Plan, angles: Angles, tokens: some Sequence<Int>) {
    var input = Array(repeating: 0.0, count: plan.headDimension), output = input
    // A pair at (1, 0) rotates to its cosine and sine.
    for pair in plan.pairs { input[pair.input.first] = 1 }
    let rotation = ExactRotation(plan: plan, angles: angles)
    var rows: [Int: [SIMD2<Double>]] = [:]
    for token in tokens where rows[token] == nil {
      input.withUnsafeBufferPointer { input in
        output.withUnsafeMutableBufferPointer { rotation.rotate(token: token, input: input, output: $0) }
      }
      rows[token] = plan.pairs.map { SIMD2(output[$0.output.first], output[$0.output.second]) }
    }
    self.rows = rows
  }

  /// `(cosine, sine)` of each pair of a token.
  subscript(token: Int) -> [SIMD2<Double>] { rows[token] ?? [] }
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
    let plan = plan.withCanonicalChannels
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
