import Goldens
import Judging
import RoPE

/// One tensor of an examined run: where it is wrong, and some rows in full.
struct TensorExamination: Sendable {
  /// The elements of a tensor up to which all its rows are kept.
  private static let wholeElementCount = 1 << 14
  /// The heads of a token that are kept, if not all are.
  private static let headCount = 8
  /// The pairs of tokens up to which all tokens confirm what is said of the kept rows.
  private static let confirmingPairCount = 1 << 18

  let map: FailureMap
  /// All rows of a small tensor; otherwise rows on both sides of where errors begin and end, and others spread over the
  /// wrong and the right ones.
  let kept: RowSample
  /// The rows that must confirm what is said of the kept ones: a head of each token, or of every few of very many tokens;
  /// none if all are kept.
  let confirmingRows: [RowIndex]

  var name: TensorName { map.extent.name }

  /// Reads the rows that are kept.
  ///
  /// - Throws: ``OutputError``.
  init(_ golden: Golden, _ map: FailureMap, _ outputs: some OutputSource, run: Int, budget: Budget) throws {
    self.map = map
    let extent = map.extent
    let isWhole = extent.tokenCount * extent.heads * golden.plan.headDimension <= Self.wholeElementCount
    let tokens = isWhole ? Array(0..<extent.tokenCount) : map.sampleTokens
    let heads = isWhole || extent.heads <= Self.headCount ? Array(0..<extent.heads) : map.sampleHeads(Self.headCount)
    kept = try RowSample(
      golden, extent,
      rows: tokens.flatMap { token in heads.map { RowIndex(tensor: extent.name, token: token, head: $0) } },
      outputs, run: run, budget: budget)
    let step = max(1, extent.tokenCount * map.pairs.count / Self.confirmingPairCount)
    confirmingRows =
      isWhole
      ? []
      : stride(from: 0, to: extent.tokenCount, by: step).map {
        RowIndex(tensor: extent.name, token: $0, head: map.confirmingHead(of: $0))
      }
  }
}

extension FailureMap {
  /// Tokens on both sides of where errors begin and end, and others spread over wrong and right ones, ascending.
  fileprivate var sampleTokens: [Int] {
    let wrong = Self.wrong(byToken), right = byToken.indices.filter { byToken[$0] == 0 }
    var tokens = Set(Self.spread(wrong, 16) + Self.spread(right, 8))
    tokens.formUnion(wrong.prefix(3))
    for token in [wrong.first, wrong.last].compactMap(\.self) {
      tokens.formUnion([token - 1, token + 1].filter(byToken.indices.contains))
    }
    return tokens.sorted()
  }

  /// Some heads, spread over wrong and right ones, ascending.
  fileprivate func sampleHeads(_ count: Int) -> [Int] {
    let wrong = Self.wrong(byHead), right = byHead.indices.filter { byHead[$0] == 0 }
    let rightCount = min(right.count, count / 4)
    return (Self.spread(wrong, count - rightCount) + Self.spread(right, rightCount)).sorted()
  }

  /// Another head for each token, a wrong one if the token has one.
  fileprivate func confirmingHead(of token: Int) -> Int {
    let heads = extent.heads
    return (0..<heads).lazy.map { (token + $0) % heads }.first { isWrong(token: token, head: $0) } ?? token % heads
  }

  /// At most `count` of some values: the first, the last, and others evenly between them.
  private static func spread(_ values: [Int], _ count: Int) -> [Int] {
    guard values.count > count, count > 1 else { return Array(values.prefix(count)) }
    return (0..<count).map { values[$0 * (values.count - 1) / (count - 1)] }
  }
}
