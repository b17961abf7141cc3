import Goldens
import Judging
import Mistakes
import Reference
import RoPE

/// The distance of the rows that a backend wrote from those of a hypothesis: the right computation, or a mistaken one.
struct HypothesisFit {
  /// The distance of one tensor under one budget.
  struct Fit {
    /// True if every rotated element is within its limit of the computed value, and every other has the computed bits.
    fileprivate(set) var holds = true
    /// True if the rotated elements support the budget if it is a named one: none fits only because its limit allows
    /// everything.
    fileprivate(set) var supportsBudget = true
    /// The largest absolute error that remains.
    fileprivate(set) var residual = 0.0
    /// The same as a multiple of its limit.
    fileprivate(set) var severity = 0.0
    /// The rows that do not fit, in order.
    fileprivate(set) var failing: [RowIndex] = []
  }

  /// One head of one token: as computed, as written, and the channels that were not written.
  private struct FittedRow {
    let index: RowIndex
    let row: MutantComputation.Row
    let actual: ElementArray
    let missing: [Int]

    /// Indicates whether a copied channel has other bits; unless it `keepsPayloads`, a NaN equals every other.
    func isWrongCopy(channel: Int, keepsPayloads: Bool) -> Bool {
      row.bits[channel] != actual[channel]
        && (keepsPayloads || !actual.type.areNaN(row.bits[channel], actual[channel]))
    }
  }

  private let golden: Golden
  private let plan: Plan
  private let copied: [Int]
  private let inverseFrequencies: [Double]
  private let tensors: [(extent: TensorExtent, rows: [FittedRow])]

  /// Compares a computation with some rows.
  ///
  /// `outputs` hold `[tokens, heads, D]` of each tensor. `unwritten` bits count as what the computation gives, whatever
  /// that is; nil for none.
  init(
    _ computation: MutantComputation, of indices: [RowIndex], outputs: PerTensor<ElementArray>, unwritten: UInt32?
  ) {
    let golden = computation.golden, dimension = computation.runningPlan.headDimension
    self.golden = golden
    plan = computation.runningPlan
    copied = plan.passThroughChannels
    inverseFrequencies =
      computation.plan == golden.plan ? golden.inverseFrequencies : ExactTables(computation.plan).inverseFrequencies()
    tensors = golden.tensors.map { extent in
      let indices = indices.filter { $0.tensor == extent.name }, elements = outputs[extent.name]
      let rows = zip(indices, computation.rows(indices)).map { index, row in
        let first = (index.token * extent.heads + index.head) * dimension
        var actual = ElementArray(type: elements.type, count: dimension)
        for channel in 0..<dimension { actual[channel] = elements[first + channel] }
        let missing = (0..<dimension).filter { actual[$0] == unwritten }
        for channel in missing { actual[channel] = row.bits[channel] }
        return FittedRow(index: index, row: row, actual: actual, missing: missing)
      }
      return (extent, rows)
    }
  }

  /// True if two computations give the same bits wherever something was written.
  func isSame(as other: HypothesisFit) -> Bool {
    zip(tensors.flatMap(\.rows), other.tensors.flatMap(\.rows)).allSatisfy { mine, theirs in
      let (bits, otherBits) = (mine.row.bits, theirs.row.bits)
      return bits == otherBits
        || bits.indices.allSatisfy { bits[$0] == otherBits[$0] || mine.missing.contains($0) }
    }
  }

  /// The fit of one tensor under a budget.
  func fit(_ tensor: TensorName, budget: Budget) -> Fit {
    var fit = Fit()
    for (extent, rows) in tensors where extent.name == tensor {
      for fitted in rows {
        var judge = judge(budget, extent)
        let row = fitted.row
        row.input.withUnsafeBufferPointer { input in
          row.output.withUnsafeBufferPointer { output in
            fitted.actual.bytes.withUnsafeBytes {
              judge.judge(
                RowJudge.Row(fitted.index, sequence: extent.sequence), input: input, expected: output, actual: $0)
            }
          }
        }
        if let worst = judge.accuracy.worst {
          fit.residual = max(fit.residual, worst.error)
          fit.severity = max(fit.severity, worst.severity)
        }
        if !judge.accuracy.holdingBudgets.contains(budget) { fit.supportsBudget = false }
        // Without RoPE, every bit counts.
        let keepsPayloads = golden.goldenCase.contract == .unrotated
        let isWrongCopy = copied.contains { fitted.isWrongCopy(channel: $0, keepsPayloads: keepsPayloads) }
        if judge.accuracy.failedCount > 0 || isWrongCopy {
          fit.holds = false
          fit.failing.append(fitted.index)
        }
      }
    }
    return fit
  }

  /// The spread of the errors under a budget.
  func profile(budget: Budget) -> ErrorProfile {
    ErrorProfile(
      series: tensors.flatMap { extent, rows in
        let groups = groups(rows, extent, judge(budget, extent))
        return ErrorProfile.Axis.allCases.compactMap { axis in
          groups[axis].map { groups in
            ErrorProfile.Series(
              tensor: extent.name, axis: axis, groups: groups.values.sorted { $0.value < $1.value })
          }
        }
      })
  }

  private func groups(
    _ rows: [FittedRow], _ extent: TensorExtent, _ judge: RowJudge
  ) -> [ErrorProfile.Axis: [Double: ErrorProfile.Group]] {
    var groups: [ErrorProfile.Axis: [Double: ErrorProfile.Group]] = [:]
    for fitted in rows {
      let index = fitted.index
      fitted.row.input.withUnsafeBufferPointer { input in
        fitted.row.output.withUnsafeBufferPointer { output in
          for (number, pair) in plan.pairs.enumerated() {
            for channel in [pair.output.first, pair.output.second] {
              let finding = judge.finding(
                RowJudge.Row(index, sequence: extent.sequence), number, channel: channel,
                actual: fitted.actual[channel], input, output)
              let values: [ErrorProfile.Axis: Double] = [
                .batchRow: Double(index.token / extent.sequence), .head: Double(index.head), .pair: Double(number),
                .position: extent.positions[pair.axis, index.token],
              ]
              for (axis, value) in values {
                groups[axis, default: [:]][value, default: .init(value: value)].add(finding)
              }
            }
          }
        }
      }
    }
    return groups
  }

  private func judge(_ budget: Budget, _ extent: TensorExtent) -> RowJudge {
    RowJudge(
      plan: plan, type: golden.goldenCase.elementType, tableType: golden.goldenCase.tableType,
      inverseFrequencies: inverseFrequencies, positions: extent.positions, budget: budget)
  }
}
