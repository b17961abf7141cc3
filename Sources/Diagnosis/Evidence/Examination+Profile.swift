import Goldens
import Judging
import RoPE

extension Examination {
  /// The spread of the errors over the kept rows; nil if nothing rotates.
  var profile: ErrorProfile? {
    let series = tensors.flatMap { ProfileBuilder(golden, $0, budget).series }
    return series.isEmpty ? nil : ErrorProfile(series: series)
  }
}

/// Groups the kept elements of one tensor along every axis.
private struct ProfileBuilder {
  private let extent: TensorExtent
  private var batchRows: [Int: ErrorProfile.Group] = [:]
  private var heads: [Int: ErrorProfile.Group] = [:]
  private var positions: [Double: ErrorProfile.Group] = [:]
  private var pairs: [ErrorProfile.Group]

  init(_ golden: Golden, _ tensor: TensorExamination, _ budget: Budget) {
    extent = tensor.map.extent
    let sample = tensor.kept
    let judge = RowJudge(golden, positions: extent.positions, budget: budget), plan = golden.runningPlan
    pairs = plan.pairs.indices.map { ErrorProfile.Group(value: Double($0)) }
    let dimension = plan.headDimension
    // The heads of a token follow each other.
    var known: (token: Int, exact: ExactRows)?
    for (number, index) in sample.rows.enumerated() {
      let exact: ExactRows
      if let known, known.token == index.token {
        exact = known.exact
      } else {
        exact = golden.truth.rows(extent.name, index.token..<index.token + 1)
        known = (index.token, exact)
      }
      let channels = index.head * dimension..<(index.head + 1) * dimension
      let findings = judge.findings(
        index, extent, values: exact.values[channels], exact: exact.expected[channels], sample.actual,
        at: number * dimension)
      add(findings, of: index, plan)
    }
  }

  private mutating func add(_ findings: [Finding?], of index: RowIndex, _ plan: Plan) {
    var row = ErrorProfile.Group(value: 0)
    var byAxis = Array(repeating: row, count: extent.positions.axisCount)
    for (number, finding) in findings.enumerated() {
      row.add(finding)
      pairs[number / 2].add(finding)
      byAxis[plan.pairs[number / 2].axis].add(finding)
    }
    batchRows[index.token / extent.sequence, default: .init(value: Double(index.token / extent.sequence))].add(row)
    heads[index.head, default: .init(value: Double(index.head))].add(row)
    for (axis, group) in byAxis.enumerated() where group.elementCount > 0 {
      let position = extent.positions[axis, index.token]
      positions[position, default: .init(value: position)].add(group)
    }
  }

  /// Each axis, unless nothing rotates.
  var series: [ErrorProfile.Series] {
    guard !pairs.isEmpty, !heads.isEmpty else { return [] }
    func series(_ axis: ErrorProfile.Axis, _ groups: some Sequence<ErrorProfile.Group>) -> ErrorProfile.Series {
      ErrorProfile.Series(tensor: extent.name, axis: axis, groups: groups.sorted { $0.value < $1.value })
    }
    return [
      series(.batchRow, batchRows.values), series(.position, positions.values), series(.pair, pairs),
      series(.head, heads.values),
    ]
  }
}

extension RowJudge {
  /// The findings on the rotated elements of one row, two for each pair; nil for one that is right to the bit.
  fileprivate func findings(
    _ index: RowIndex, _ extent: TensorExtent, values: some Sequence<Double>, exact: some Sequence<Double>,
    _ outputs: ElementArray, at first: Int
  ) -> [Finding?] {
    let row = Row(index, sequence: extent.sequence), values = Array(values), expected = Array(exact)
    return values.withUnsafeBufferPointer { values in
      expected.withUnsafeBufferPointer { expected in
        plan.pairs.enumerated().flatMap { number, pair in
          [pair.output.first, pair.output.second].map { channel in
            finding(row, number, channel: channel, actual: outputs[first + channel], values, expected)
          }
        }
      }
    }
  }
}
