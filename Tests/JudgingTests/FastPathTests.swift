import RoPE
import TestSupport
import Testing

@testable import Judging

@Suite struct FastPathTests {
  private static let count = 13
  private static let configuration = Configuration(
    headDimension: 2 * count + 3, rotaryDimension: 2 * count, pairing: .half, base: 1e4)

  private static func pick<Value>(_ values: [Value], _ random: inout SplitMix) -> Value {
    values[Int.random(in: 0..<values.count, using: &random)]
  }

  /// Outputs at all distances from the exact results: right, a few units off, far off, and not finite.
  private static func row(
    _ type: ElementType, _ random: inout SplitMix
  ) -> (input: [Double], expected: [Double], actual: ElementArray) {
    let dimension = 2 * count + 3
    var input = Array(repeating: 0.0, count: dimension), expected = input
    var actual = ElementArray(type: type, count: dimension)
    for pair in 0..<count {
      let scale = pick([1, 1, type.ulp(of: 0), 0x1p100, 0, type.greatestFiniteMagnitude / 4], &random)
      let turn = Double.random(in: -4...4, using: &random), (c, s) = (1 - turn * turn / 12, turn / 4)
      var (x0, x1) = (
        scale * Double.random(in: -2...2, using: &random), scale * Double.random(in: -2...2, using: &random)
      )
      // Terms that cancel.
      if Bool.random(using: &random), c != 0 { x0 = x1 * s / c * (1 + 0x1p-20) }
      (x0, x1) = (type.value(ofBits: type.bits(rounding: x0)), type.value(ofBits: type.bits(rounding: x1)))
      if Int.random(in: 0..<20, using: &random) == 0 {
        x0 = pick([.infinity, .nan, -.infinity], &random)
      }
      input[pair] = x0
      input[pair + count] = x1
      for (channel, rotated) in [(pair, x0 * c - x1 * s), (pair + count, x1 * c + x0 * s)] {
        var exact = rotated
        // Ties, also between the largest value and infinity.
        if rotated.isFinite, Int.random(in: 0..<5, using: &random) == 0 {
          let value = pick([rotated, type.greatestFiniteMagnitude, -type.greatestFiniteMagnitude], &random)
          exact = type.value(ofBits: type.bits(rounding: value)) + type.ulp(of: value) / pick([2, -2], &random)
        }
        expected[channel] = exact
        let nearest = type.bits(rounding: exact)
        let steps: UInt32 = pick([0, 0, 0, 1, 1, 2, 9, 1000], &random)
        actual[channel] = Bool.random(using: &random) ? nearest &+ steps : nearest &- steps
        if Int.random(in: 0..<200, using: &random) == 0 { actual[channel] = type.bits(rounding: .infinity) }
      }
    }
    return (input, expected, actual)
  }

  /// Judges every element by its limit.
  private static func slowly(
    _ judge: RowJudge, _ place: RowJudge.Row, _ row: (input: [Double], expected: [Double], actual: ElementArray),
    into accuracy: inout Accuracy
  ) {
    for (index, pair) in judge.plan.pairs.enumerated() {
      for channel in [pair.output.first, pair.output.second] {
        accuracy.elementCount += 1
        let finding = row.input.withUnsafeBufferPointer { input in
          row.expected.withUnsafeBufferPointer { expected in
            judge.finding(place, index, channel: channel, actual: row.actual[channel], input, expected)
          }
        }
        if let finding { accuracy.count(finding) } else { accuracy.correctlyRoundedCount += 1 }
        accuracy.signedErrorCount += 1
        accuracy.signedErrorSum += SignedError.steps(
          judge.type, actual: row.actual[channel], nearest: judge.type.bits(rounding: row.expected[channel]))
      }
    }
  }

  @Test("Judging quickly gives what judging every element by its limit gives", arguments: ElementType.allCases)
  func same(_ type: ElementType) throws {
    let seed = SplitMix.seed
    var random = SplitMix(seed: seed)
    let names = Budget.named.map(\.name) + ["ulp=2", "atol=1e-3,rtol=1e-3", "atol=0,rtol=0"]
    for name in names {
      for tableType in [nil, ElementType.float32, type] {
        // Rows of one kind and mixed rows: right except for an element, within a unit, and anything.
        for kinds in [[0], [1], [0, 1], [1, 1, 1, 1], [0, 1, 2], [2, 1, 0, 2]] {
          var judge = RowJudge(
            plan: try Plan(Self.configuration), type: type, tableType: tableType,
            inverseFrequencies: Array(repeating: 0.5, count: Self.count), positions: [0, 1, 77, 2000],
            budget: try Budget(named: name))
          var slow = Accuracy()
          for (index, kind) in kinds.enumerated() {
            var row = Self.row(type, &random)
            for channel in 0..<row.input.count where kind < 2 {
              let steps: UInt32 = kind == 0 ? (channel == index ? 1 : 0) : Bool.random(using: &random) ? 1 : 0
              let exact = row.expected[channel]
              row.actual[channel] = type.bits(rounding: exact) &+ (exact.isFinite ? steps : 0)
            }
            let place = RowJudge.Row(RowIndex(tensor: .key, token: index, head: index), sequence: 4)
            row.input.withUnsafeBufferPointer { input in
              row.expected.withUnsafeBufferPointer { expected in
                row.actual.bytes.withUnsafeBytes { judge.judge(place, input: input, expected: expected, actual: $0) }
              }
            }
            Self.slowly(judge, place, row, into: &slow)
          }
          let quick = judge.accuracy
          let comment: Comment = "seed \(seed), \(name), table \(tableType as Any), rows of \(kinds)"
          #expect(quick.elementCount == slow.elementCount && quick.failedCount == slow.failedCount, comment)
          #expect(quick.correctlyRoundedCount == slow.correctlyRoundedCount, comment)
          #expect(quick.signedErrorSum == slow.signedErrorSum, comment)
          #expect(quick.signedErrorCount == slow.signedErrorCount, comment)
          #expect(quick.worst?.element == slow.worst?.element && quick.worst?.actual == slow.worst?.actual, comment)
          #expect(quick.grade == slow.grade && quick.holdingBudgets == slow.holdingBudgets, comment)
        }
      }
    }
  }

  @Test("Signed errors are those of the first 16 tokens and of every seventh")
  func sampledTokens() throws {
    var judge = RowJudge(
      plan: try Plan(Configuration(headDimension: 2, rotaryDimension: 2, pairing: .half, base: 1e4)), type: .float32,
      tableType: nil, inverseFrequencies: [1], positions: Positions((0..<100).map(Double.init)),
      budget: Budget.standard)
    var counted: [Int] = []
    for token in 0..<100 {
      let before = judge.accuracy.signedErrorCount
      var elements = ElementArray(type: .float32, count: 2)
      elements[0] = 0x3F80_0001
      [1.0, 0].withUnsafeBufferPointer { values in
        elements.bytes.withUnsafeBytes {
          judge.judge(
            .init(RowIndex(tensor: .query, token: token, head: 0), sequence: 100), input: values, expected: values,
            actual: $0)
        }
      }
      if judge.accuracy.signedErrorCount == before + 2 { counted.append(token) }
    }
    #expect(counted == Array(0..<16) + stride(from: 21, to: 100, by: 7))
    #expect(judge.accuracy.signedErrorSum == counted.count && judge.accuracy.meanSignedError == 0.5)
  }

  @Test("The grade of both is the looser of two, and none where none holds for both")
  func merging() throws {
    func accuracy(_ actual: UInt32) throws -> Accuracy {
      var judge = RowJudge(
        plan: try Plan(Configuration(headDimension: 2, rotaryDimension: 2, pairing: .half, base: 1e4)),
        type: .bfloat16, tableType: nil, inverseFrequencies: [1], positions: [1], budget: Budget.named[0])
      var elements = ElementArray(type: .bfloat16, count: 2)
      elements[0] = actual
      [1.0, 0].withUnsafeBufferPointer { input in
        [1.0, 0].withUnsafeBufferPointer { expected in
          elements.bytes.withUnsafeBytes {
            judge.judge(
              .init(RowIndex(tensor: .query, token: 0, head: 0), sequence: 1), input: input, expected: expected,
              actual: $0)
          }
        }
      }
      return judge.accuracy
    }
    let right = try accuracy(0x3F80), near = try accuracy(0x3F81), far = try accuracy(0x4000)
    #expect(right.grade?.name == "correctly-rounded")
    #expect(near.grade?.name == "table-rounded")
    #expect(far.grade == nil)
    #expect(right.meanSignedError == 0 && near.meanSignedError == 0.5 && Accuracy().meanSignedError == nil)
    var both = right
    both.merge(near)
    #expect(both.grade == near.grade && both.signedErrorSum == 1)
    both.merge(far)
    #expect(both.grade == nil)
    #expect(Accuracy().grade == nil)
  }
}
