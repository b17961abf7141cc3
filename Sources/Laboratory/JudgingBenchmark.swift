import Foundation
import Goldens
import Judging
import RoPE

/// The speed of judging outputs that a good float32 kernel might have written.
package struct JudgingBenchmark {
  private let judge: RowJudge
  private let input: [Double]
  private let expected: [Double]
  private let actual: ElementArray
  private let repeats: Int

  /// Heads of 128 channels, paired in halves; as many rows as a large case has.
  private static let dimension = 128
  private static let rows = 1 << 8

  /// `elementCount` outputs are judged, rounded up to whole passes over the data.
  ///
  /// - Throws: ``ConfigurationError``, which does not happen.
  package init(type: ElementType, elementCount: Int) throws {
    let dimension = Self.dimension, count = Self.rows * dimension
    let plan = try Plan(
      Configuration(headDimension: dimension, rotaryDimension: dimension, pairing: .half, base: 1e4))
    judge = RowJudge(
      plan: plan, type: type, tableType: nil, inverseFrequencies: Array(repeating: 0.01, count: dimension / 2),
      positions: Positions([Double](repeating: 1000, count: Self.rows)),
      budget: try Budget(named: "float32-exact-angle"))
    let hash = InputHash(seed: 1)
    let input = (0..<count).map { type.value(ofBits: hash.element(at: $0, type: type)) }
    var expected = input, actual = ElementArray(type: type, count: count)
    for first in stride(from: 0, to: count, by: dimension) {
      // Any angle will do: float32 arithmetic on a rounded cosine and sine, compared with float64 on the same.
      let turn = Double(first).truncatingRemainder(dividingBy: 6.25)
      let cosine = 1 - turn * turn / 40, sine = (1 - cosine * cosine).squareRoot()
      for pair in 0..<dimension / 2 {
        let (a, b) = (first + pair, first + pair + dimension / 2)
        expected[a] = input[a] * cosine - input[b] * sine
        expected[b] = input[b] * cosine + input[a] * sine
        let (c, s, x, y) = (Float(cosine), Float(sine), Float(input[a]), Float(input[b]))
        actual[a] = type.bits(rounding: Double(x * c - y * s))
        actual[b] = type.bits(rounding: Double(y * c + x * s))
      }
    }
    self.input = input
    self.expected = expected
    self.actual = actual
    repeats = (elementCount + count - 1) / count
  }

  /// Judges everything once to warm up, then again while measuring.
  ///
  /// - Returns: outputs per second of processor time, on one core.
  package func elementsPerSecond() -> Double {
    var judge = judge
    pass(&judge)
    let start = clock()
    for _ in 0..<repeats { pass(&judge) }
    return Double(repeats * expected.count) / (Double(clock() - start) / Double(CLOCKS_PER_SEC))
  }

  private func pass(_ judge: inout RowJudge) {
    let dimension = Self.dimension, size = actual.type.byteCount
    input.withUnsafeBufferPointer { input in
      expected.withUnsafeBufferPointer { expected in
        actual.bytes.withUnsafeBytes { actual in
          for row in 0..<Self.rows {
            let channels = row * dimension..<(row + 1) * dimension
            judge.judge(
              RowJudge.Row(RowIndex(tensor: .query, token: row, head: 0), sequence: Self.rows),
              input: UnsafeBufferPointer(rebasing: input[channels]),
              expected: UnsafeBufferPointer(rebasing: expected[channels]),
              actual: UnsafeRawBufferPointer(
                rebasing: actual[channels.lowerBound * size..<channels.upperBound * size]))
          }
        }
      }
    }
  }
}
