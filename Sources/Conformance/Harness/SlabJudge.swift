import Foundation
import Goldens
import RoPE

/// Judges tokens of a long sequence, for one thread.
struct SlabJudge {
  private let golden: Golden
  private let exact: SampledStream.ExactRows
  private let passThroughChannels: [Int]
  private var judge: RowJudge
  private(set) var violations: [Violation] = []

  init(golden: Golden, stream: SampledStream, budget: Budget) {
    self.golden = golden
    exact = stream.exactRows()
    passThroughChannels = golden.plan.passThroughChannels
    judge = RowJudge(golden: golden, budget: budget)
  }

  var accuracy: Accuracy { judge.accuracy }

  /// Judges one token of Q or K, whose elements before and after are given, `[heads, D]`.
  mutating func judge(
    _ tensor: TensorName, token: Int, input: UnsafeRawBufferPointer, output: UnsafeRawBufferPointer
  ) {
    let rows = exact.rows(ofToken: token, isKey: tensor == .key)
    checkInput(tensor, token, input, rows.input)
    let dimension = golden.plan.headDimension, type = golden.goldenCase.elementType
    rows.values.withUnsafeBufferPointer { values in
      rows.expected.withUnsafeBufferPointer { expected in
        for head in 0..<expected.count / dimension {
          let first = head * dimension
          let channels = first..<first + dimension
          let row = RowJudge.Row(tensor: tensor, batch: 0, token: token, head: head, tokenIndex: token)
          let failed = judge.accuracy.failedCount
          judge.judge(
            row, input: UnsafeBufferPointer(rebasing: values[channels]),
            expected: UnsafeBufferPointer(rebasing: expected[channels]),
            actual: UnsafeRawBufferPointer(
              rebasing: output[first * type.byteCount..<(first + dimension) * type.byteCount]))
          checkCopies(row, first, rows.input, output)
          // Poison is a NaN, so that an element which was not written has failed already.
          if judge.accuracy.failedCount > failed { checkWritten(row, first, output) }
        }
      }
    }
  }

  /// The input is still what the seed gives.
  private mutating func checkInput(
    _ tensor: TensorName, _ token: Int, _ input: UnsafeRawBufferPointer, _ fresh: ElementArray
  ) {
    guard violations.isEmpty, let start = input.baseAddress, memcmp(start, fresh.bytes, fresh.bytes.count) != 0,
      let byte = fresh.bytes.indices.first(where: { input[$0] != fresh.bytes[$0] })
    else { return }
    violations.append(
      .writtenOutside(
        buffer: "\(tensor.rawValue) input", region: "input of token \(token)", byte: byte,
        before: fresh.bytes[byte], after: input[byte]))
  }

  private mutating func checkWritten(_ row: RowJudge.Row, _ first: Int, _ output: UnsafeRawBufferPointer) {
    let type = golden.goldenCase.elementType, poison = CaseMemory.poison(golden.goldenCase.elementType)
    let missing = (0..<golden.plan.headDimension).filter { output.bits(at: first + $0, type: type) == poison }
    guard violations.isEmpty, let channel = missing.first else { return }
    violations.append(
      .notWritten(
        tensor: row.tensor, count: missing.count,
        first: ElementPlace(batch: row.batch, token: row.token, head: row.head, channel: channel)))
  }

  private mutating func checkCopies(
    _ row: RowJudge.Row, _ first: Int, _ input: ElementArray, _ output: UnsafeRawBufferPointer
  ) {
    guard violations.isEmpty else { return }
    for channel in passThroughChannels {
      let expected = input[first + channel], actual = output.bits(at: first + channel, type: input.type)
      guard expected != actual else { continue }
      checkWritten(row, first, output)
      guard violations.isEmpty else { return }
      violations.append(
        .notCopied(
          tensor: row.tensor, count: 1,
          first: ElementPlace(batch: row.batch, token: row.token, head: row.head, channel: channel),
          expected: expected, actual: actual))
      return
    }
  }
}
