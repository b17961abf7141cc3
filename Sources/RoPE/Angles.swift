/// The angles of one tensor of a call, as a ``Contract`` gives them.
///
/// Tokens are counted in row-major order of `[batch, sequence]`, or in packed order. Use a `default` in a `switch`: a
/// later version may add a contract, and a backend should answer that it does not support it.
#if hasAttribute(nonexhaustive)
  @nonexhaustive
#endif
public enum Angles: Sendable, Equatable {
  /// Nothing: a model or layer without RoPE.
  case none
  /// Rows of cosines and sines, and for each token its row.
  case table(CosSinTable, rows: [Int32])
  /// The float32 inverse frequency of each pair in radians per position, the attention factor, and each token's
  /// position.
  case frequencies([Float], attentionFactor: Double, Positions)
  /// Each token's position; the frequencies and the attention factor follow from the plan.
  case positions(Positions)

  /// The contract whose payload this is.
  package var contract: Contract {
    switch self {
    case .none: .unrotated
    case .table: .table
    case .frequencies: .frequency
    case .positions: .position
    }
  }

  /// The positions, where the contract gives them.
  public var positions: Positions? {
    switch self {
    case .none, .table: nil
    case .frequencies(_, _, let positions), .positions(let positions): positions
    }
  }

  /// The element type of the cosines and sines; nil unless the contract gives them.
  package var tableType: ElementType? {
    if case .table(let table, _) = self { table.type } else { nil }
  }
}

/// Cosines and sines with the attention factor in them, `[rows, pairs]`, in their own element type.
public struct CosSinTable: Sendable, Equatable {
  /// The element type of both arrays.
  public let type: ElementType
  /// Values per row, `R/2`.
  public let pairCount: Int
  /// Bit patterns of the cosines, `[rows, pairs]`.
  public let cosines: [UInt32]
  /// Bit patterns of the sines, `[rows, pairs]`.
  public let sines: [UInt32]

  /// A table of rows of `pairCount` values; both arrays have the same length, a multiple of it.
  package init(type: ElementType, pairCount: Int, cosines: [UInt32], sines: [UInt32]) {
    precondition(
      cosines.count == sines.count && cosines.count.isMultiple(of: max(pairCount, 1)),
      "\(cosines.count) cosines and \(sines.count) sines do not make rows of \(pairCount)")
    self.type = type
    self.pairCount = pairCount
    self.cosines = cosines
    self.sines = sines
  }

  /// Rows in the table.
  package var rowCount: Int { pairCount == 0 ? 0 : cosines.count / pairCount }
}
