import Goldens
import RoPE

/// The rows of a batch that is stored row by row, of which some may be the same.
struct BatchRows {
  private let batch: Int
  /// The positions of each row, axis after axis.
  private let positions: [[Int64]]

  init(_ golden: Golden) {
    let batch = golden.goldenCase.workload.batch, axisCount = golden.plan.axisCount
    let tokenCount = golden.positions.count / (axisCount * batch)
    self.batch = batch
    positions = (0..<batch).map { row in
      (0..<axisCount).flatMap { axis in
        let first = (axis * batch + row) * tokenCount
        return golden.positions[first..<first + tokenCount]
      }
    }
  }

  /// Rows with inputs and positions of an earlier row, whose outputs differ from that row's.
  ///
  /// - Returns: for each such row the earlier one, and the indices of the elements that differ; never none.
  func unequal(
    input: ElementArray, output: ElementArray
  ) -> [(row: Int, earlier: Int, different: [Int])] {
    let count = output.count / batch
    return (0..<batch).compactMap { row in
      guard let earlier = (0..<row).first(where: { positions[$0] == positions[row] && same($0, row, input) }),
        !same(earlier, row, output)
      else { return nil }
      let different = (0..<count).filter { output[earlier * count + $0] != output[row * count + $0] }
      return (row, earlier, different.map { row * count + $0 })
    }
  }

  private func same(_ first: Int, _ second: Int, _ elements: ElementArray) -> Bool {
    let count = elements.bytes.count / batch
    return elements.bytes[first * count..<(first + 1) * count] == elements.bytes[second * count..<(second + 1) * count]
  }
}
