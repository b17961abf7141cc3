import Foundation
import RoPE
import TestSupport
import Testing

@testable import Judging

@Suite struct RowJudgeTests {
  /// Both values of one pair, whose input and output pairing differ, at an attention factor of 1.5.
  private static let configuration = Configuration(
    headDimension: 4, rotaryDimension: 4, pairing: .interleaved, outputPairing: .half, base: 1e4, attentionFactor: 1.5)
  private let row = RowJudge.Row(RowIndex(tensor: .query, token: 0, head: 0), sequence: 1)

  /// Judges one row of four channels.
  private func accuracy(
    _ type: ElementType, _ budget: String, input: [Double], expected: [Double], actual: [UInt32],
    positions: Positions = [777]
  ) throws -> Accuracy {
    var judge = RowJudge(
      plan: try Plan(Self.configuration), type: type, tableType: nil, inverseFrequencies: [1, 0.01],
      positions: positions,
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
              LimitConditions(type: type, tableType: nil, hasAttentionFactor: true), expected: exact,
              magnitude: (straight * cosine).magnitude + (crossed * sine).magnitude,
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
      // So far beyond that float64 does not tell the distances of finite values apart.
      (0x1p300, infinity, true), (0x1p300, largest, false), (0x1p300, type.bits(rounding: 1), false),
    ] as [(Double, UInt32, Bool)] {
      let found = try accuracy(
        type, "correctly-rounded", input: [0, 0, exact, 0], expected: [0, exact, 0, 0], actual: [0, actual, 0, 0])
      #expect(found.failedCount == (isRight ? 0 : 1), "exactly \(exact), actual \(actual)")
    }
  }

  /// Indicates whether the first output of the second pair fails.
  private func isWrong(
    _ type: ElementType, _ budget: String, _ x: (Double, Double), turn: (cosine: Double, sine: Double), actual: Double
  ) throws -> Bool {
    let y = (x.0 * turn.cosine - x.1 * turn.sine, x.1 * turn.cosine + x.0 * turn.sine)
    let outputs = [0, actual, 0, y.1].map { type.bits(rounding: $0) }
    return try accuracy(
      type, budget, input: [0, 0, x.0, x.1], expected: [0, y.0, 0, y.1], actual: outputs
    ).failedCount > 0
  }

  @Test(
    "A product that overflows gives infinity with the sign of the result, or NaN if both do",
    arguments: ElementType.allCases)
  func overflowingProducts(_ type: ElementType) throws {
    // A float32 product of float16 values cannot overflow.
    let budget = type == .float16 ? "storage-arithmetic" : "float32-exact-angle"
    let largest = type.greatestFiniteMagnitude, most = type.value(ofBits: type.bits(rounding: 0.9 * largest))
    // Both are 1.5 times a cosine and sine: 1.2·0.9 exceeds the largest value, 0.9·0.9 does not, 1.06·1 does.
    let one = (cosine: 1.2, sine: 0.9), both = (cosine: 1.5 * 0.5.squareRoot(), sine: 1.5 * 0.5.squareRoot())
    for (x, turn, actual, isRight) in [
      ((most, most), one, .infinity, true), ((most, most), one, -.infinity, false), ((most, most), one, .nan, false),
      ((most, most), one, largest, false), ((most, most), one, 0, false),
      ((most / 2, most), one, -.infinity, false), ((most / 2, most), one, .nan, false),
      ((largest, largest), both, .infinity, true), ((largest, largest), both, -.infinity, true),
      ((largest, largest), both, .nan, true), ((largest, largest), both, largest, false),
    ] as [((Double, Double), (Double, Double), Double, Bool)] {
      #expect(try isWrong(type, budget, x, turn: turn, actual: actual) != isRight, "\(x), \(turn): \(actual)")
      for other in ["correctly-rounded", "ulp=4", "relative-0.1%"] {
        #expect(try isWrong(type, other, x, turn: turn, actual: actual), "\(other), \(x), \(turn): \(actual)")
      }
    }
    if type == .float16 {
      #expect(try isWrong(type, "float32-exact-angle", (most, most), turn: one, actual: .infinity))
    } else {
      // The sum of the inputs overflows.
      #expect(try !isWrong(type, "float32-three-products", (most / 2, most), turn: one, actual: .nan))
    }
  }

  @Test("The sign of an infinity is certain unless the cosine or sine that decides it is nearly 0")
  func infinities() throws {
    // At position 777 the second pair turns by 7.77 radians, whose cosine is 0.08.
    func isWrong(_ budget: String, position: Double, _ actual: Double) throws -> Bool {
      let found = try accuracy(
        .float32, budget, input: [0, 0, .infinity, 1], expected: [0, .infinity, 0, .infinity],
        actual: [0, actual, 0, .infinity].map { ElementType.float32.bits(rounding: $0) }, positions: [position])
      #expect(found.worst?.severity == (found.failedCount > 0 ? .infinity : 0))
      return found.failedCount > 0
    }
    for actual in [-Double.infinity, .nan] {
      #expect(try isWrong("float32-angle-c8", position: 777, actual))
      #expect(try isWrong("float32-exact-angle", position: 0, actual))
      // Near 100·π/2, the cosine is −3·10⁻⁶; c8 allows an angle error of 10⁻⁶, c48 one of 7·10⁻⁶.
      #expect(try isWrong("float32-angle-c8", position: 157.07994, actual))
      #expect(try !isWrong("float32-angle-c48", position: 157.07994, actual))
      #expect(try !isWrong("float32-three-products", position: 777, actual))
    }
    for budget in ["float32-angle-c48", "float32-three-products"] {
      #expect(try isWrong(budget, position: 157.07994, 0x1p100))
    }
  }

  @Test("A budget is no grade by a limit that allows every value of a rotation")
  func vacuousLimits() throws {
    // The second pair turns by 10⁶ radians, where c48 allows an angle error of 2.9, and c8 one of 0.48.
    func judged(_ budget: String, _ actual: (Double, Double)) throws -> (isRight: Bool, holding: [String]) {
      let found = try accuracy(
        .float32, budget, input: [0, 0, 2, 8.0 / 3], expected: [0, 3, 0, 4],
        actual: [0, actual.0, 0, actual.1].map { ElementType.float32.bits(rounding: $0) }, positions: [1e8])
      return (found.failedCount == 0, found.holdingBudgets.map(\.name))
    }
    let opposite = try judged("float32-angle-c48", (-3, -4))
    #expect(opposite.isRight && opposite.holding.isEmpty)
    #expect(try !judged("float32-angle-c8", (-3, -4)).isRight)
    let moved = try judged("float32-angle-c48", (3.125, 4)).holding
    #expect(moved == ["float32-angle-c8", "storage-arithmetic"])
    // What the same budget allows at angle 0, it explains at any angle.
    let near = try judged("float32-angle-c48", (3 + 0x1p-22, 4)).holding
    #expect(near == Budget.named.map(\.name).filter { $0 != "correctly-rounded" })
  }

  @Test("Outputs that are cut off rather than rounded show a bias of half an ULP", arguments: ElementType.allCases)
  func bias(_ type: ElementType) throws {
    var random = SplitMix(seed: 5)
    var truncated = Accuracy(), rounded = Accuracy(), away = Accuracy()
    for _ in 0..<500 {
      let (x0, x1) = (Double.random(in: -2...2, using: &random), Double.random(in: -2...2, using: &random))
      let exact = [0, x0 * 1.2 - x1 * 0.9, 0, x1 * 1.2 + x0 * 0.9]
      func judged(_ rounding: FloatingPointRoundingRule) throws -> Accuracy {
        let actual = exact.map { value in
          let ulp = type.ulp(of: value)
          return type.bits(rounding: (value / ulp).rounded(rounding) * ulp)
        }
        return try accuracy(type, "ulp=1", input: [0, 0, x0, x1], expected: exact, actual: actual)
      }
      truncated.merge(try judged(.towardZero))
      rounded.merge(try judged(.toNearestOrEven))
      away.merge(try judged(.awayFromZero))
    }
    // Two of four elements are 0 in every row, and have no error.
    #expect(rounded.meanSignedError == 0)
    #expect((-0.28...(-0.22)).contains(truncated.meanSignedError ?? 0), "\(truncated.meanSignedError ?? 0)")
    #expect((0.22...0.28).contains(away.meanSignedError ?? 0), "\(away.meanSignedError ?? 0)")
  }

  @Test("Errors of more than 16 ULP are left out of the mean")
  func boundedBias() throws {
    let ulp = 0x1p-22
    for (actual, sum) in [
      (0x1p100, 0), (.nan, 0), (.infinity, 0), (3 - ulp, -1), (3 + 16 * ulp, 16), (3 - 16 * ulp, -16),
      (3 + 17 * ulp, 0), (3 - 17 * ulp, 0),
    ] as [(Double, Int)] {
      let outputs = [0, actual, 0, 4].map { ElementType.float32.bits(rounding: $0) }
      let found = try accuracy(
        .float32, "ulp=0", input: [0, 0, 2, 8.0 / 3], expected: [0, 3, 0, 4], actual: outputs)
      #expect(found.signedErrorSum == sum, "\(actual)")
    }
  }
}
