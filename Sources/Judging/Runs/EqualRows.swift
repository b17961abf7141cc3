import Goldens
import RoPE

/// Rows of the batch with the same inputs and positions as an earlier row, which must have the same outputs.
struct EqualRows {
  private let golden: Golden
  private let tensor: TensorExtent
  /// Each such row, and the first row that it equals.
  private let pairs: [(row: Int, earlier: Int)]

  /// - Complexity: the inputs of rows whose positions are those of an earlier row.
  init(_ golden: Golden, _ tensor: TensorExtent) {
    self.golden = golden
    self.tensor = tensor
    func tokens(_ row: Int) -> Range<Int> { row * tensor.sequence..<(row + 1) * tensor.sequence }
    func hasInputs(of earlier: Int, _ row: Int) -> Bool {
      zip(tokens(earlier), tokens(row)).allSatisfy { first, second in
        (0..<tensor.heads).allSatisfy {
          golden.input(RowIndex(tensor: tensor.name, token: first, head: $0))
            == golden.input(RowIndex(tensor: tensor.name, token: second, head: $0))
        }
      }
    }
    var pairs: [(row: Int, earlier: Int)] = []
    // Rows that begin alike are few, so that each row is compared with few others.
    var rows: [Beginning: [Int]] = [:]
    let hasElements = tensor.batch > 1 && tensor.sequence > 0 && tensor.heads > 0
    for row in 0..<(hasElements ? tensor.batch : 0) {
      let positions = tensor.positions.ofTokens(tokens(row)).values
      let input = golden.input(RowIndex(tensor: tensor.name, token: tokens(row).lowerBound, head: 0))
      let beginning = Beginning(positions: positions, input: input.bytes)
      if let earlier = rows[beginning, default: []].first(where: { hasInputs(of: $0, row) }) {
        pairs.append((row, earlier))
      } else {
        rows[beginning, default: []].append(row)
      }
    }
    self.pairs = pairs
  }

  /// The positions of a row of the batch, and the elements of its first token's first head.
  private struct Beginning: Hashable {
    let positions: [Double]
    let input: [UInt8]
  }

  /// The rows whose outputs differ from the earlier row's.
  ///
  /// - Throws: ``OutputError``.
  func violations(run: Int, _ outputs: some OutputSource) throws -> [Violation] {
    let dimension = golden.plan.headDimension
    return try pairs.compactMap { row, earlier in
      var different = ElementTally()
      for token in 0..<tensor.sequence {
        let mine = row * tensor.sequence + token, other = earlier * tensor.sequence + token
        let actual = try outputs.rows(run: run, tensor.name, mine..<mine + 1)
        let expected = try outputs.rows(run: run, tensor.name, other..<other + 1)
        guard actual != expected else { continue }
        for index in 0..<actual.count where actual[index] != expected[index] {
          different.add(tensor.element(token: mine, head: index / dimension, channel: index % dimension))
        }
      }
      return different.first.map {
        .rowsDiffer(tensor: tensor.name, count: different.count, first: $0.element, equalRow: earlier)
      }
    }
  }
}

extension Golden {
  /// The elements of a row of the inputs.
  fileprivate func input(_ row: RowIndex) -> ElementArray {
    var elements = ElementArray(type: goldenCase.elementType, count: plan.headDimension)
    elements.bytes.withUnsafeMutableBytes { truth.input(row, into: $0) }
    return elements
  }
}
