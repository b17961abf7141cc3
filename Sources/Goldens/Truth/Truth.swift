import RoPE

/// The inputs and exact outputs of each tensor of a case: read from a file, or computed as they are needed.
package protocol Truth: Sendable {
  /// Writes the `D` elements of a row of the inputs.
  func input(_ row: RowIndex, into elements: UnsafeMutableRawBufferPointer)

  /// Inputs and exact outputs of some tokens of a tensor. May be called by several threads at once.
  func rows(_ tensor: TensorName, _ tokens: Range<Int>) -> ExactRows

  /// Checks that the stored part of the truth agrees with the computed one.
  ///
  /// - Throws: ``GoldenError/sampledRow(caseName:token:)``.
  func verify() throws
}

/// Inputs and exact outputs of consecutive tokens of one tensor, `[tokens, heads, D]` each.
package struct ExactRows: Sendable {
  /// The elements that a backend is given.
  package let input: ElementArray
  /// The values of `input`.
  package let values: [Double]
  /// The float64 nearest to each exact output.
  package let expected: [Double]

  package init(input: ElementArray, values: [Double], expected: [Double]) {
    self.input = input
    self.values = values
    self.expected = expected
  }
}

/// The extents of one tensor of a case, and the position of each of its tokens.
package struct TensorExtent: Sendable {
  package let name: TensorName
  package let heads: Int
  /// Rows of the batch; 1 if packed.
  package let batch: Int
  /// Tokens per row; all tokens if packed.
  package let sequence: Int
  package let positions: Positions

  /// Tokens in all rows.
  package var tokenCount: Int { batch * sequence }

  /// An element of a token that is counted over all rows.
  package func element(token: Int, head: Int, channel: Int) -> ElementIndex {
    ElementIndex(batch: token / sequence, token: token % sequence, head: head, channel: channel)
  }
}

extension Golden {
  /// The tensors of the case, in the order in which reports list them.
  package var tensors: [TensorExtent] {
    let workload = goldenCase.workload
    return workload.tensors.map { name in
      TensorExtent(
        name: name, heads: workload.heads(of: name), batch: workload.batch, sequence: workload.sequence(of: name),
        positions: positions(of: name))
    }
  }
}
