import Foundation
import RoPE
import Testing

@testable import Judging

@Suite struct RowJudgeTests {
  /// Both values of one pair, whose input and output pairing differ, at an attention factor of 1.5.
  private static let configuration = Configuration(
    headDimension: 4, rotaryDimension: 4, pairing: .interleaved, outputPairing: .half, base: 1e4, attentionFactor: 1.5)
  private let row = RowJudge.Row(RowIndex(tensor: .query, token: 0, head: 0), sequence: 1)

  /// Judges one row of four channels.
  private func accuracy(
    _ type: ElementType, _ budget: String, input: [Double], expected: [Double], actual: [UInt32]
  ) throws -> Accuracy {
    var judge = RowJudge(
      plan: try Plan(Self.configuration), type: type, tableType: nil, inverseFrequencies: [1, 0.01], positions: [777],
      budget: try Budget(named: budget))
    var elements = ElementArray(type: type, count: actual.count)
    for (index, bits) in actual.enumerated() { elements[index] = bits }
    input.withUnsafeBufferPointer { input in
      expected.withUnsafeBufferPointer { expected in
        elements.bytes.withUnsafeBytes { judge.judge(row, input: input, expected: expected, actual: $0) }
      }
    }
    return judge.accuracy
  }

  @Test("Limits recovered from inputs and outputs are those of the angle, whatever the size of the inputs")
  func limits() throws {
    var farthest = (error: 0.0, text: "")
    let (cosine, sine) = (1.5 * cos(7.77), 1.5 * sin(7.77))
    for budget in ["float32-exact-angle", "float32-angle-c8", "storage-arithmetic"] {
      for type in ElementType.allCases {
        let smallest = type.ulp(of: 0),
          largest = Double(sign: .plus, exponent: type.maximumExponent - 1, significand: 1)
        for (x0, x1) in [
          (1, 1), (smallest, 3 * smallest), (largest, -largest), (largest, smallest), (smallest, largest), (0, 1),
          (-2, 0), (0, 0), (0, smallest), (3, 3 * cosine / sine), (3, -3 * sine / cosine),
        ] as [(Double, Double)] {
          // Pair 1 reads channels 2 and 3 and writes 1 and 3.
          let y0 = x0 * cosine - x1 * sine, y1 = x1 * cosine + x0 * sine
          for (channel, straight, crossed, exact) in [(1, x0, x1, y0), (3, x1, x0, y1)] {
            let scale = ErrorScale(
              type: type, expected: exact, magnitude: (straight * cosine).magnitude + (crossed * sine).magnitude,
              angleSensitivity: (straight * sine).magnitude + (crossed * cosine).magnitude, angle: 7.77)
            let direct = try Budget(named: budget).limit(scale)
            var actual = [0, y0, 0, y1].map { type.bits(rounding: $0) }
            // NaN is worse than any rounding of the other element.
            actual[channel] = type.bits(rounding: .nan)
            let found = try accuracy(
              type, budget, input: [0, 0, x0, x1], expected: [0, y0, 0, y1], actual: actual)
            let worst = try #require(found.worst)
            #expect(worst.element.channel == channel && worst.pair == 1)
            let error = (worst.limit - direct).magnitude / direct
            if error > farthest.error {
              farthest = (error, "\(budget) \(type) (\(x0), \(x1)): \(worst.limit), directly \(direct)")
            }
          }
        }
      }
    }
    #expect(farthest.error <= 1e-6, "\(farthest.text)")
  }

  @Test("A zero has no sign; a tiny number is no zero", arguments: ElementType.allCases)
  func zeros(_ type: ElementType) throws {
    let negative = type.bits(rounding: -0.0), smallest = UInt32(1)
    for (exact, actual, isRight) in [
      (0.0, negative, true), (-0.0, 0, true), (-type.ulp(of: 0) / 8, 0, true), (0, smallest, false),
      (type.ulp(of: 0), 0, false),
    ] as [(Double, UInt32, Bool)] {
      let found = try accuracy(
        type, "correctly-rounded", input: [0, 0, 0, 0], expected: [0, exact, 0, 0], actual: [0, actual, 0, 0])
      #expect(found.failedCount == (isRight ? 0 : 1), "exactly \(exact), actual \(actual)")
      #expect(found.correctlyRoundedCount == (isRight ? 4 : 3))
    }
  }

  @Test("Beyond the largest finite value only infinity is right", arguments: ElementType.allCases)
  func overflow(_ type: ElementType) throws {
    let infinity = type.bits(rounding: .infinity), largest = infinity - 1
    let end = Double(sign: .plus, exponent: type.maximumExponent + 1, significand: 1)
    let half = type.ulp(of: type.value(ofBits: largest)) / 2
    for (exact, actual, isRight) in [
      (end, infinity, true), (end, largest, false), (end - half / 2, infinity, true), (end - half / 2, largest, false),
      (end - 1.5 * half, largest, true), (end - 1.5 * half, infinity, false), (end - half, infinity, true),
      // Halfway, the float64 stands for an exact result on either side.
      (end - half, largest, true),
    ] as [(Double, UInt32, Bool)] {
      let found = try accuracy(
        type, "correctly-rounded", input: [0, 0, exact, 0], expected: [0, exact, 0, 0], actual: [0, actual, 0, 0])
      #expect(found.failedCount == (isRight ? 0 : 1), "exactly \(exact), actual \(actual)")
    }
  }
}
