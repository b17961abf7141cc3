import Goldens
import Judging
import Mistakes
import RoPE

/// The distance of some rows that a backend wrote from those of a hypothesis.
struct HypothesisFit {
  /// The errors of the rotated elements against the hypothesis.
  private(set) var accuracy = Accuracy()
  /// True if every copied element has the bits of the hypothesis.
  private(set) var hasRightCopies = true

  /// The distance of the rows of a sample, or of some of them, from those of a computation.
  ///
  /// What was not written supports nothing: it counts as what the computation gives. It ends at the first row that fits
  /// no budget: then only that is known.
  init(_ computation: MutantComputation, _ judge: HypothesisJudge, _ sample: RowSample, rows: [Int]? = nil) {
    let rows = rows ?? Array(sample.rows.indices), type = sample.actual.type
    let dimension = computation.runningPlan.headDimension, size = dimension * type.byteCount
    var judged = judge.rowJudge(sample.extent)
    let copied = computation.runningPlan.passThroughChannels
    let supposed = computation.rows(rows.map { sample.rows[$0] })
    sample.written(rows, supposing: supposed).bytes.withUnsafeBytes { bytes in
      for (place, (number, row)) in zip(rows, supposed).enumerated() {
        let actual = UnsafeRawBufferPointer(rebasing: bytes[place * size..<(place + 1) * size])
        row.input.withUnsafeBufferPointer { input in
          row.output.withUnsafeBufferPointer { output in
            judged.judge(
              RowJudge.Row(sample.rows[number], sequence: sample.extent.sequence), input: input, expected: output,
              actual: actual)
          }
        }
        accuracy = judged.accuracy
        hasRightCopies = copied.allSatisfy { channel in
          let bits = actual.bits(at: channel, type: type)
          return bits == row.bits[channel] || !judge.keepsPayloads && type.areNaN(bits, row.bits[channel])
        }
        guard isPossible else { break }
      }
    }
  }

  /// Indicates whether the elements are right under the case's budget or another that describes a way of computing.
  var isPossible: Bool {
    hasRightCopies && (accuracy.conforms || accuracy.holdingBudgets.contains(where: \.isArithmetic))
  }

  /// Indicates whether all elements are right under a budget; under one wider than the case's, by limits that do not
  /// allow everything.
  func holds(_ budget: Budget, of examination: Examination) -> Bool {
    hasRightCopies && (budget == examination.budget ? accuracy.conforms : accuracy.holdingBudgets.contains(budget))
  }
}

extension Accuracy {
  /// The largest error as a multiple of its limit under the case's budget.
  var severity: Double { worst?.severity ?? 0 }
}

/// Judges rows by a hypothesis instead of the truth.
struct HypothesisJudge {
  private let golden: Golden
  private let plan: Plan
  private let inverseFrequencies: [Double]
  private let budget: Budget
  /// True if a NaN that is copied must keep its bits.
  let keepsPayloads: Bool

  init(_ computation: MutantComputation, budget: Budget) {
    golden = computation.golden
    plan = computation.runningPlan
    // A wrong angle is of about the same size; where the number of pairs is wrong, it must be known for each.
    inverseFrequencies =
      plan.pairs.count == golden.inverseFrequencies.count
      ? golden.inverseFrequencies : computation.inverseFrequencies
    self.budget = budget
    keepsPayloads = golden.goldenCase.contract == .unrotated
  }

  func rowJudge(_ extent: TensorExtent) -> RowJudge {
    RowJudge(
      plan: plan, type: golden.goldenCase.elementType, tableType: golden.goldenCase.tableType,
      inverseFrequencies: inverseFrequencies, positions: extent.positions, budget: budget)
  }
}

extension RowSample {
  /// The bits of some kept rows, with supposed ones where nothing was written.
  fileprivate func written(_ rows: [Int], supposing supposed: [MutantComputation.Row]) -> ElementArray {
    let dimension = supposed.first?.bits.count ?? 0, size = dimension * actual.type.byteCount
    var written = ElementArray(
      type: actual.type, bytes: rows.flatMap { actual.bytes[$0 * size..<($0 + 1) * size] })
    guard let unwritten else { return written }
    for (place, row) in supposed.enumerated() {
      for (channel, bits) in row.bits.enumerated() where written[place * dimension + channel] == unwritten {
        written[place * dimension + channel] = bits
      }
    }
    return written
  }
}
