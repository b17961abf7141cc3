import Backends
import Judging
import Reference
import RoPE
import Testing

@testable import Goldens

/// Products that overflow although the exact result is finite, in a case as a whole.
@Suite struct OverflowTests {
  private static let workload = Workload("large", .withRoPE, sequence: 1, heads: (1, 1))
  private static let configuration = Configuration(
    headDimension: 8, rotaryDimension: 8, pairing: .half, base: 1e4, attentionFactor: 1.5)

  /// One token.
  ///
  /// By default the first pair of K is `(3·10³⁸, 3·10³⁸)` at position 1, so its first output is `2.4·10³⁸ − 3.8·10³⁸`;
  /// an input of Q is NaN.
  private func golden(
    _ type: ElementType = .float32, position: Double = 1, key: (Double, Double) = (3e38, 3e38)
  ) throws -> Golden {
    let made = try Golden.make(Self.workload, Self.configuration, type, positions: [position])
    let rotation = ExactRotation(plan: made.plan, angles: made.angles)
    let tensors = PerTensor { tensor in
      var input = made.truth.rows(tensor, 0..<1).input
      let values = tensor == .key ? key : (.nan, .nan)
      for (channel, value) in [(0, values.0), (4, values.1)] { input[channel] = type.bits(rounding: value) }
      var expected = input.values
      input.values.withUnsafeBufferPointer { input in
        expected.withUnsafeMutableBufferPointer { rotation.rotate(token: 0, input: input, output: $0) }
      }
      return StoredTruth.Tensor(input: input, expected: expected)
    }
    return Golden(
      goldenCase: made.goldenCase, plan: made.plan, inverseFrequencies: made.inverseFrequencies,
      attentionFactor: made.attentionFactor, positions: made.positions, angles: made.angles,
      content: .stored(StoredTruth(tensors, workload: Self.workload, headDimension: 8)))
  }

  private func verdict(_ bits: UInt32, budget: String, of golden: Golden? = nil) throws -> Verdict {
    let place = ElementIndex(batch: 0, token: 0, head: 0, channel: 0)
    return try JudgingTests.verdict(
      golden ?? self.golden(), FaultyBackend(spoil: { $0.change(.key, place) { _ in bits } }), budget: budget)
  }

  @Test("An overflow of the budget's arithmetic is remarked on, and is not out of place")
  func allowed() throws {
    let infinity: UInt32 = 0xFF80_0000
    let found = try verdict(infinity, budget: "float32-exact-angle")
    #expect(found.outcome == .conforms && found.remarks.map(\.kind) == [.overflow], "\(found.violations)")
    #expect(found.remarks.first?.actual.bits == infinity && found.remarks.first?.tensor == .key)
    #expect(found.accuracy?.worst?.severity ?? 0 < 1)
    #expect(found.grade?.name == "float32-exact-angle")
  }

  @Test(
    "Any other infinity or NaN there is, and so is this one under a budget without such arithmetic",
    arguments: [
      (0x7F80_0000, "float32-exact-angle"), (0x7FC0_0000, "float32-exact-angle"), (0xFF80_0000, "correctly-rounded"),
      (0xFF80_0000, "relative-0.1%"),
    ] as [(UInt32, String)])
  func refused(_ bits: UInt32, _ budget: String) throws {
    let found = try verdict(bits, budget: budget)
    #expect(found.outcome == .fails && found.accuracy?.conforms == false && found.remarks.isEmpty)
    #expect(found.violations.map(\.kind) == [.notConfined])
  }

  @Test("An infinity of the output's own rounding is no overflow of the arithmetic, and is not out of place")
  func finalRounding() throws {
    // 43,680·1.5 is the middle between 65,504 and the next value.
    let tie = try golden(.float16, position: 0, key: (43_680, 0))
    #expect(tie.expected(.key)[0] == 65_520)
    let infinity = ElementType.float16.bits(rounding: .infinity)
    // Just below that, float32 arithmetic can still round to infinity, but no float32 number overflows.
    let near = try golden(.float16, position: 0x1p-13, key: (43_680, 1))
    #expect(near.expected(.key)[0] < 65_520 && near.expected(.key)[0] > 65_519.99)
    for golden in [tie, near] {
      let found = try verdict(infinity, budget: "float32-exact-angle", of: golden)
      #expect(found.outcome == .conforms && found.remarks.isEmpty, "\(found.violations)")
    }
    // In float16 arithmetic the sum itself overflows.
    #expect(try verdict(infinity, budget: "storage-arithmetic", of: near).remarks.map(\.kind) == [.overflow])
  }
}
