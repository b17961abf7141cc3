import Foundation
import Judging
import KnownGood
import Reference
import RoPE
import TestSupport
import Testing

/// Reduced angles whose rounding to float32 is nearly as large as any, at results that nearly vanish.
@Suite struct ReducedAngleTests {
  private static let plan = Result {
    try Plan(Configuration(headDimension: 2, rotaryDimension: 2, pairing: .half, base: 1e4))
  }
  /// Positions whose angles, at the frequency 1, lie near 3π/2 after whole turns.
  ///
  /// Float32 rounds them by nearly 2⁻²². The cosine is small there, so that the result bears the error in full.
  private static let positions = (0..<200_000).map(Double.init).filter { position in
    let reduced = position.truncatingRemainder(dividingBy: 2 * .pi)
    return (reduced - 1.5 * .pi).magnitude < 0.1 && (Double(Float(reduced)) - reduced).magnitude > 0.95 * 0x1p-22
  }

  @Test(
    "float32-constant-angle holds for them, though an output may be rounded in a binade above the exact result",
    arguments: KnownGood.all.map(\.name).filter { $0.contains("reduced") }, ElementType.allCases)
  func holds(_ name: String, _ type: ElementType) throws {
    let implementation = try #require(KnownGood.all.first { $0.name == name }), plan = try Self.plan.get()
    let positions = Array(Self.positions.prefix(300)), angles = Angles.positions(Positions(positions))
    #expect(positions.count == 300)
    let seed = SplitMix.seed, heads = 64
    var random = SplitMix(seed: seed)
    var input = ElementArray(type: type, count: positions.count * heads * 2)
    for (token, position) in positions.enumerated() {
      for head in 0..<heads {
        let index = 2 * (token * heads + head), first = Double.random(in: 1...2, using: &random)
        input[index] = type.bits(rounding: first)
        // The first output is x₀·cos − x₁·sin.
        let exact = type.value(ofBits: input[index]) * cos(position) / sin(position)
        input[index + 1] = type.bits(rounding: exact)
      }
    }
    let output = implementation.rotate(plan: plan, angles: angles, input: input, heads: heads)
    let rotation = ExactRotation(plan: plan, angles: angles), values = input.values
    var judge = RowJudge(
      plan: plan, type: type, tableType: nil, inverseFrequencies: [1], positions: Positions(positions),
      budget: try Budget(named: "float32-constant-angle"))
    for token in positions.indices {
      let range = 2 * token * heads..<2 * (token + 1) * heads
      let expected = [Double](unsafeUninitializedCapacity: range.count) { buffer, count in
        values[range].withUnsafeBufferPointer { rotation.rotate(token: token, input: $0, output: buffer) }
        count = range.count
      }
      for head in 0..<heads {
        let first = range.lowerBound + 2 * head, size = type.byteCount
        values[first..<first + 2].withUnsafeBufferPointer { input in
          expected[2 * head..<2 * head + 2].withUnsafeBufferPointer { expected in
            output.bytes[first * size..<(first + 2) * size].withUnsafeBytes { actual in
              judge.judge(
                RowJudge.Row(RowIndex(tensor: .query, token: token, head: head), sequence: positions.count),
                input: input, expected: expected, actual: actual)
            }
          }
        }
      }
    }
    let accuracy = judge.accuracy
    #expect(accuracy.elementCount == values.count)
    #expect(accuracy.failedCount == 0, "seed \(seed): \(accuracy.worst as Any)")
  }
}
