import Goldens
import RoPE

/// The sizes of the calls whose outputs were judged under a contract: a mistake that begins beyond them is not seen.
package struct Reach: Sendable, Equatable, Codable {
  package let contract: Contract
  /// Tokens of a call, in all rows of the batch.
  package private(set) var tokens: Int
  /// Heads of Q or K per token.
  package private(set) var heads: Int
  /// Rows of the batch, or packed sequences.
  package private(set) var batch: Int
  /// Rows of a table; 0 if the contract gives none.
  package private(set) var tableRows: Int
  /// The size of a position; 0 if nothing rotates.
  package private(set) var position: Double
  /// Output elements of a call.
  package private(set) var elements: Int

  /// The sizes of one case.
  init(_ golden: Golden) {
    let tensors = golden.tensors
    contract = golden.goldenCase.contract
    tokens = tensors.map(\.tokenCount).max() ?? 0
    heads = tensors.map(\.heads).max() ?? 0
    batch = golden.goldenCase.workload.sequenceLengths?.count ?? golden.goldenCase.workload.batch
    if case .table(let table, _) = golden.angles { tableRows = table.rowCount } else { tableRows = 0 }
    position =
      contract == .unrotated ? 0 : tensors.lazy.flatMap(\.positions.values).map(\.magnitude).max() ?? 0
    elements = golden.goldenCase.elementCount
  }

  /// Takes the larger of each size, of another case of the contract.
  package mutating func extend(to other: Reach) {
    tokens = max(tokens, other.tokens)
    heads = max(heads, other.heads)
    batch = max(batch, other.batch)
    tableRows = max(tableRows, other.tableRows)
    position = max(position, other.position)
    elements = max(elements, other.elements)
  }
}
