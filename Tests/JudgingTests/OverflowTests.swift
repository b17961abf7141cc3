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

  /// One token at position 1.
  ///
  /// The first pair of K is `(3·10³⁸, 3·10³⁸)`, so its first output is `2.4·10³⁸ − 3.8·10³⁸`; an input of Q is NaN.
  private func golden() throws -> Golden {
    let made = try Golden.make(Self.workload, Self.configuration, positions: [1])
    let rotation = ExactRotation(plan: made.plan, angles: made.angles)
    let tensors = PerTensor { tensor in
      var input = made.truth.rows(tensor, 0..<1).input
      let value = tensor == .key ? 3e38 : .nan
      for channel in [0, 4] { input[channel] = ElementType.float32.bits(rounding: value) }
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

  private func verdict(_ bits: UInt32, budget: String) throws -> Verdict {
    let place = ElementIndex(batch: 0, token: 0, head: 0, channel: 0)
    return try JudgingTests.verdict(
      golden(), FaultyBackend(spoil: { $0.change(.key, place) { _ in bits } }), budget: budget)
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
}
