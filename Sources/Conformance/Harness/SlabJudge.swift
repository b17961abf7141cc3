import Goldens
import RoPE

/// Judges tokens of a long sequence, for one thread.
struct SlabJudge {
  private let golden: Golden
  private let stream: SampledStream
  private let exact: SampledStream.ExactRows
  private let passThroughChannels: [Int]
  private var judge: RowJudge
  private(set) var violations: [Violation] = []
  private var values: [Double]

  init(golden: Golden, stream: SampledStream, budget: Budget) {
    self.golden = golden
    self.stream = stream
    exact = stream.exactRows()
    passThroughChannels = golden.plan.passThroughChannels
    judge = RowJudge(
      plan: golden.plan, type: golden.goldenCase.elementType, tableType: nil,
      inverseFrequencies: golden.inverseFrequencies, budget: budget)
    values = Array(repeating: 0, count: golden.plan.headDimension)
  }

  var accuracy: Accuracy { judge.accuracy }

  /// Judges some tokens, whose bytes are given for each tensor.
  mutating func judge(
    _ tokens: Range<Int>, queryInput: UnsafeRawBufferPointer, queryOutput: UnsafeRawBufferPointer,
    keyInput: UnsafeRawBufferPointer, keyOutput: UnsafeRawBufferPointer
  ) {
    checkInput(queryInput, tokens, isKey: false)
    checkInput(keyInput, tokens, isKey: true)
    for token in tokens {
      let rows = exact.rows(ofToken: token)
      let offset = token - tokens.lowerBound
      judge(.query, token, offset, queryInput, queryOutput, rows.query)
      judge(.key, token, offset, keyInput, keyOutput, rows.key)
    }
  }

  /// The inputs are still those that the seed gives.
  private mutating func checkInput(_ input: UnsafeRawBufferPointer, _ tokens: Range<Int>, isKey: Bool) {
    let fresh = UnsafeMutableRawBufferPointer.allocate(byteCount: input.count, alignment: 16)
    defer { fresh.deallocate() }
    stream.fill(fresh, tokens: tokens, isKey: isKey)
    guard violations.isEmpty, let byte = input.indices.first(where: { input[$0] != fresh[$0] }) else { return }
    violations.append(
      .writtenOutside(
        buffer: isKey ? "key input" : "query input", region: "input of token \(tokens.lowerBound) and following",
        byte: byte, before: fresh[byte], after: input[byte]))
  }

  private mutating func judge(
    _ tensor: TensorName, _ token: Int, _ offset: Int, _ input: UnsafeRawBufferPointer,
    _ output: UnsafeRawBufferPointer, _ expected: [Double]
  ) {
    let dimension = golden.plan.headDimension, type = golden.goldenCase.elementType
    for head in 0..<expected.count / dimension {
      let first = offset * expected.count + head * dimension
      for channel in 0..<dimension {
        values[channel] = type.value(ofBits: input.bits(at: first + channel, type: type))
      }
      let row = RowJudge.Row(tensor: tensor, batch: 0, token: token, head: head, position: golden.positions[token])
      values.withUnsafeBufferPointer { values in
        expected.withUnsafeBufferPointer { expected in
          judge.judge(
            row, input: values,
            expected: UnsafeBufferPointer(rebasing: expected[head * dimension..<(head + 1) * dimension]),
            actual: { output.bits(at: first + $0, type: type) })
        }
      }
      checkCopies(row, first, input, output)
    }
  }

  private mutating func checkCopies(
    _ row: RowJudge.Row, _ first: Int, _ input: UnsafeRawBufferPointer, _ output: UnsafeRawBufferPointer
  ) {
    let type = golden.goldenCase.elementType
    guard violations.isEmpty else { return }
    for channel in passThroughChannels {
      let expected = input.bits(at: first + channel, type: type), actual = output.bits(at: first + channel, type: type)
      guard expected != actual else { continue }
      violations.append(
        .notCopied(
          tensor: row.tensor, count: 1,
          first: ElementPlace(batch: row.batch, token: row.token, head: row.head, channel: channel),
          expected: expected, actual: actual))
      return
    }
  }
}
