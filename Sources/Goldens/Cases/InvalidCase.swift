import Reference
import RoPE

// A case whose call is invalid in one value, and its twin, which is the same but valid in that value. Their inputs are
// the same. A refusal counts only where the twin is carried out right: a backend that refuses everything proves nothing.

extension Case {
  /// The case with a valid value; nil if it is valid itself.
  package var twin: Case? {
    workload.validTwin.map {
      Case(
        model: model, convention: convention, workload: $0, elementType: elementType, contract: contract,
        tableType: tableType)
    }
  }
}

extension Workload {
  fileprivate var validTwin: Workload? {
    guard invalidValue != nil else { return nil }
    return Workload(
      "\(name)-twin", section, batch: batch, sequence: sequence, heads: (queryHeads, keyHeads), layout: layout,
      sequenceLengths: sequenceLengths, storage: storage, inPlace: inPlace, pattern: pattern, direction: direction,
      keyTokens: keyTokens, isQueryAlone: isQueryAlone)
  }
}

extension Golden {
  /// The valid case: the twin of an invalid one, and any other case itself.
  package var valid: Golden {
    var golden = self
    golden.goldenCase = goldenCase.twin ?? goldenCase
    return golden
  }

  /// The call that must be refused; nil for a valid case.
  ///
  /// It has no exact outputs: those in it are the twin's.
  package var refused: Golden? {
    switch goldenCase.workload.invalidValue {
    case nil: nil
    case .tableRow: beyondTable(\.angles)
    case .keyTableRow: beyondTable(\.keyAngles)
    case .rotaryDimension: beyondHead
    }
  }

  /// The invalid value in words, such as `table row 7 of a table of 7 rows`.
  package var refusedValue: String? {
    guard let refused else { return nil }
    switch goldenCase.workload.invalidValue {
    case nil: return nil
    case .tableRow, .keyTableRow:
      guard case .table(let table, _) = angles else { return nil }
      return "table row \(invalidRow(of: table)) of a table of \(table.rowCount) rows"
    case .rotaryDimension:
      return
        "rotary dimension \(refused.goldenCase.convention.rotaryDimension) in heads of \(plan.headDimension) channels"
    }
  }

  /// The row that the table does not have: the first beyond it, one far beyond it, or a negative one, by the types.
  private func invalidRow(of table: CosSinTable) -> Int {
    switch (goldenCase.elementType, table.type) {
    case (.bfloat16, .bfloat16), (.float16, .float32): table.rowCount
    case (.float32, _): table.rowCount + 100
    default: -1
    }
  }

  /// The token with such a row: the last, the first or the middle one, by the types.
  private func invalidToken(of count: Int, _ table: CosSinTable) -> Int {
    switch (goldenCase.elementType, table.type) {
    case (.bfloat16, .bfloat16): count - 1
    case (.bfloat16, _), (.float32, _): count / 2
    default: 0
    }
  }

  /// The angles of K's own tokens; none if it has none.
  private var keyAngles: Angles {
    get { keyTokens?.angles ?? .none }
    set { keyTokens?.angles = newValue }
  }

  private func beyondTable(_ path: WritableKeyPath<Golden, Angles>) -> Golden? {
    guard case .table(let table, var rows) = self[keyPath: path], !rows.isEmpty else { return nil }
    rows[invalidToken(of: rows.count, table)] = Int32(invalidRow(of: table))
    var golden = self
    golden[keyPath: path] = .table(table, rows: rows)
    return golden
  }

  /// The number of pairs that a head does not have.
  ///
  /// Few, so that an implementation that carries out the call writes only into the guard behind a tensor.
  private static let excessPairs = 8

  private var beyondHead: Golden? {
    guard var configuration = goldenCase.convention.configuration else { return nil }
    configuration.rotaryDimension = configuration.headDimension + 2 * Self.excessPairs
    let plan = Plan(unchecked: configuration, length: positions.length), tables = ExactTables(plan)
    var golden = self
    golden.goldenCase = Case(
      model: goldenCase.model, convention: .configuration(configuration), workload: goldenCase.workload,
      elementType: goldenCase.elementType, contract: goldenCase.contract, tableType: goldenCase.tableType)
    golden.plan = plan
    golden.inverseFrequencies = tables.inverseFrequencies()
    golden.angles = Self.angles(plan, Recipe(goldenCase: golden.goldenCase, positions: positions)).query
    return golden
  }
}
