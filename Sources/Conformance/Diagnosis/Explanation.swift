import Goldens
import Reference
import RoPE

/// How well a computation explains the rows that a backend wrote.
struct Explanation {
  /// One tensor under one budget.
  struct Fit {
    /// Whether every rotated element is within its limit of what the computation gives, and every other has its bits.
    fileprivate(set) var holds = true
    /// The largest error that remains, absolute.
    fileprivate(set) var residual = 0.0
    /// The same as a multiple of its limit.
    fileprivate(set) var severity = 0.0
    /// The rows that do not hold, in order.
    fileprivate(set) var failing: [Computation.Place] = []
  }

  private let golden: Golden
  private let plan: Plan
  private let copied: [Int]
  private let inverseFrequencies: [Double]
  /// With what is there, and the channels that were not written.
  private let rows: [(place: Computation.Place, row: Computation.Row, actual: ElementArray, missing: [Int])]

  /// What a computation gives for some rows, beside what is there.
  ///
  /// - Parameter unwritten: bits that count as what the computation gives, whatever that is; nil for none.
  init(_ computation: Computation, of places: [Computation.Place], outputs: Outputs, unwritten: UInt32?) {
    golden = computation.golden
    plan = computation.runningPlan
    copied = plan.passThroughChannels
    inverseFrequencies =
      computation.plan == golden.plan ? golden.inverseFrequencies : ExactTables(computation.plan).inverseFrequencies()
    rows = zip(places, computation.rows(places)).map { place, row in
      var actual = outputs.row(place, of: computation.golden)
      let missing = (0..<actual.count).filter { actual[$0] == unwritten }
      for channel in missing { actual[channel] = row.bits[channel] }
      return (place, row, actual, missing)
    }
  }

  /// Whether two computations give the same bits wherever something was written.
  func isSame(as other: Explanation) -> Bool {
    zip(rows, other.rows).allSatisfy { mine, theirs in
      let (bits, otherBits) = (mine.row.bits, theirs.row.bits)
      return bits == otherBits
        || bits.indices.allSatisfy { bits[$0] == otherBits[$0] || mine.missing.contains($0) }
    }
  }

  /// How one tensor fits under a budget.
  func fit(_ tensor: TensorName, budget: Budget) -> Fit {
    var fit = Fit()
    for (place, row, actual, _) in rows where place.tensor == tensor {
      var judge = judge(budget)
      row.input.withUnsafeBufferPointer { input in
        row.output.withUnsafeBufferPointer { output in
          actual.bytes.withUnsafeBytes { judge.judge(self.row(place), input: input, expected: output, actual: $0) }
        }
      }
      if let worst = judge.accuracy.worst {
        fit.residual = max(fit.residual, (worst.actualValue - worst.expected).magnitude)
        fit.severity = max(fit.severity, worst.severity)
      }
      if judge.accuracy.failedCount > 0 || copied.contains(where: { row.bits[$0] != actual[$0] }) {
        fit.holds = false
        fit.failing.append(place)
      }
    }
    return fit
  }

  /// How errors spread under a budget.
  func profile(budget: Budget) -> ErrorProfile {
    var groups: [TensorName: [ErrorProfile.Axis: [Int64: ErrorProfile.Group]]] = [:]
    let judge = judge(budget)
    for (place, row, actual, _) in rows {
      row.input.withUnsafeBufferPointer { input in
        row.output.withUnsafeBufferPointer { output in
          for (index, pair) in plan.pairs.enumerated() {
            for channel in [pair.output.first, pair.output.second] {
              let judged = judge.finding(
                self.row(place), index, channel: channel, actual: actual[channel], input, output)
              let values: [ErrorProfile.Axis: Int64] = [
                .batchRow: Int64(place.token / golden.goldenCase.workload.sequence), .head: Int64(place.head),
                .pair: Int64(index),
                .position: golden.positions[pair.axis * (golden.positions.count / plan.axisCount) + place.token],
              ]
              for (axis, value) in values {
                groups[place.tensor, default: [:]][axis, default: [:]][value, default: .init(value: value)]
                  .add(judged)
              }
            }
          }
        }
      }
    }
    return ErrorProfile(
      series: [TensorName.query, .key].flatMap { tensor in
        ErrorProfile.Axis.allCases.compactMap { axis in
          groups[tensor]?[axis].map { groups in
            ErrorProfile.Series(tensor: tensor, axis: axis, groups: groups.values.sorted { $0.value < $1.value })
          }
        }
      })
  }

  private func judge(_ budget: Budget) -> RowJudge {
    RowJudge(
      plan: plan, type: golden.goldenCase.elementType, tableType: golden.goldenCase.tableType,
      inverseFrequencies: inverseFrequencies, positions: golden.positions, budget: budget)
  }

  private func row(_ place: Computation.Place) -> RowJudge.Row {
    let sequence = golden.goldenCase.workload.sequence
    return RowJudge.Row(
      tensor: place.tensor, batch: place.token / sequence, token: place.token % sequence, head: place.head,
      tokenIndex: place.token)
  }
}

extension ErrorProfile.Group {
  /// Counts an element; nil is one that is right to the bit.
  fileprivate mutating func add(_ finding: Finding?) {
    elementCount += 1
    guard let finding else { return }
    if !finding.conforms { failedCount += 1 }
    largestSeverity = max(largestSeverity, finding.severity)
    largestUlpError = max(largestUlpError, finding.ulpError)
  }
}
