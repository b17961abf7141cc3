import Reference
public import RoPE

extension Golden {
  /// A call that is no case, as a golden of which nothing is expected: it tells what the call is of.
  ///
  /// - Parameters:
  ///   - convention: that of the call's plan.
  ///   - length: that for which the plan was made. Where a convention depends on it, the positions say it.
  public init(of call: RotationCall, convention: Convention, length: Int) {
    var tableType: ElementType?
    if case .table(let table, _) = call.angles { tableType = table.type }
    let workload = Workload(
      "call", .withRoPE, batch: call.batch, sequence: call.sequence, heads: (call.query.heads, call.key.heads))
    let tables = ExactTables(call.plan)
    let none = ElementArray(type: call.elementType, count: 0)
    self.init(
      goldenCase: Case(
        model: "call", convention: convention, workload: workload, elementType: call.elementType,
        contract: call.angles.contract, tableType: tableType),
      plan: call.plan, inverseFrequencies: tables.inverseFrequencies(), attentionFactor: tables.attentionFactor(),
      positions: Array(repeating: Int64(length - 1), count: call.plan.axisCount * call.tokenCount),
      content: .stored(
        StoredTensors(angles: call.angles, query: none, key: none, expectedQuery: [], expectedKey: [])))
  }
}
