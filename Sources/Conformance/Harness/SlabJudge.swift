import Goldens
import RoPE

/// Judges tokens of a long sequence, for one thread.
struct SlabJudge {
  private let golden: Golden
  private let exact: SampledStream.ExactRows
  private var judge: RowJudge
  private var queryCopies: CopyTally
  private var keyCopies: CopyTally

  /// - Parameter unwritten: the bits of an element that was not written, where bits say so.
  init(golden: Golden, stream: SampledStream, budget: Budget, unwritten: UInt32?) {
    self.golden = golden
    exact = stream.exactRows()
    judge = RowJudge(golden: golden, budget: budget)
    queryCopies = CopyTally(plan: golden.plan, unwritten: unwritten)
    keyCopies = queryCopies
  }

  /// What the tokens so far are worth.
  var findings: Findings { Findings(accuracy: judge.accuracy, queryCopies: queryCopies, keyCopies: keyCopies) }

  /// What some tokens are worth.
  struct Findings: Sendable {
    private(set) var accuracy: Accuracy
    private var queryCopies: CopyTally
    private var keyCopies: CopyTally

    /// No token yet.
    init(plan: Plan, unwritten: UInt32?) {
      let copies = CopyTally(plan: plan, unwritten: unwritten)
      self.init(accuracy: Accuracy(), queryCopies: copies, keyCopies: copies)
    }

    fileprivate init(accuracy: Accuracy, queryCopies: CopyTally, keyCopies: CopyTally) {
      self.accuracy = accuracy
      self.queryCopies = queryCopies
      self.keyCopies = keyCopies
    }

    /// Adds other tokens.
    mutating func merge(_ other: Findings) {
      accuracy.merge(other.accuracy)
      queryCopies.merge(other.queryCopies)
      keyCopies.merge(other.keyCopies)
    }

    var wrongCopyCounts: [TensorName: Int] { [.query: queryCopies.wrongCount, .key: keyCopies.wrongCount] }

    func violations(of goldenCase: Case) -> [Violation] {
      queryCopies.violations(.query, heads: goldenCase.workload.queryHeads, of: goldenCase)
        + keyCopies.violations(.key, heads: goldenCase.workload.keyHeads, of: goldenCase)
    }
  }

  /// Judges one token of Q or K.
  ///
  /// - Parameter output: its elements, `[heads, D]`.
  mutating func judge(_ tensor: TensorName, token: Int, output: UnsafeRawBufferPointer) {
    let rows = exact.rows(ofToken: token, isKey: tensor == .key)
    let type = rows.input.type, dimension = golden.plan.headDimension, rowByteCount = dimension * type.byteCount
    let firstOfToken = token * rows.input.count
    rows.input.bytes.withUnsafeBytes { input in
      rows.values.withUnsafeBufferPointer { values in
        rows.expected.withUnsafeBufferPointer { expected in
          for head in 0..<rows.input.count / dimension {
            let channels = head * dimension..<(head + 1) * dimension
            let bytes = head * rowByteCount..<(head + 1) * rowByteCount
            let actual = UnsafeRawBufferPointer(rebasing: output[bytes])
            judge.judge(
              RowJudge.Row(tensor: tensor, batch: 0, token: token, head: head, tokenIndex: token),
              input: UnsafeBufferPointer(rebasing: values[channels]),
              expected: UnsafeBufferPointer(rebasing: expected[channels]), actual: actual)
            let row = UnsafeRawBufferPointer(rebasing: input[bytes]), index = firstOfToken + head * dimension
            switch tensor {
            case .query: queryCopies.check(rowAt: index, input: row, output: actual, type: type)
            case .key: keyCopies.check(rowAt: index, input: row, output: actual, type: type)
            }
          }
        }
      }
    }
  }
}
