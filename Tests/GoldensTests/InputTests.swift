import Goldens
import Models
import RoPE
import Testing

@Suite struct InputTests {
  /// Values from ten lines of Python that follow the documentation of ``InputHash``, with seed 42.
  @Test(
    arguments: [
      (0, 0xBDD7_3226_2FEB_6E95, 0xBEEB_6E95, 0xB695, 0xBE95),
      (1, 0x28EF_E333_B266_F103, 0x3DE6_F103, 0x2D03, 0x3D83),
      (12345, 0xBE56_63AA_0035_CBD7, 0xBEB5_CBD7, 0xB7D7, 0xBED7),
      (1 << 40, 0x83D3_8E0E_DBD4_3334, 0xBCD4_3334, 0xA734, 0xBCB4),
    ] as [(Int, UInt64, UInt32, UInt32, UInt32)])
  func hashIsWhatItsDocumentationSays(
    _ vector: (index: Int, hash: UInt64, float32: UInt32, float16: UInt32, bfloat16: UInt32)
  ) {
    let hash = InputHash(seed: 42)
    #expect(hash[vector.index] == vector.hash)
    #expect(hash.element(at: vector.index, type: .float32) == vector.float32)
    #expect(hash.element(at: vector.index, type: .float16) == vector.float16)
    #expect(hash.element(at: vector.index, type: .bfloat16) == vector.bfloat16)
  }

  private func golden(_ workload: String, _ type: ElementType) throws -> (Golden, StoredTruth) {
    let rotating = try Model.bundled.filter { $0.convention.rotaryDimension > 0 }
    let recipe = try #require(
      rotating.flatMap { Recipe.all(for: $0) }.first {
        $0.goldenCase.workload.name == workload && $0.goldenCase.elementType == type
      })
    let golden = try Golden(storing: recipe)
    guard case .stored(let truth) = golden.content else { throw Missing() }
    return (golden, truth)
  }

  private struct Missing: Error {}

  @Test("Inputs have both signs, nine binades and no repetition")
  func spread() throws {
    let (_, truth) = try golden("prompt", .float32)
    let query = truth.tensors.query.input, key = truth.tensors.key.input, values = query.values
    #expect(Set(values.map(\.exponent)) == Set(-6...2))
    #expect(Set(values.map(\.sign)).count == 2)
    #expect(Set(values).count > values.count - 3)
    #expect(key.bytes != Array(query.bytes.prefix(key.bytes.count)))
  }

  @Test("Cancelling pairs have an output far smaller than their inputs")
  func cancellation() throws {
    let (golden, truth) = try golden("cancellation", .float32)
    let query = truth.tensors.query, values = query.input.values
    let dimension = golden.plan.headDimension
    for row in stride(from: 0, to: values.count, by: dimension) {
      for pair in golden.plan.pairs {
        let outputs = [pair.output.first, pair.output.second].map { query.expected[row + $0].magnitude }
        let input = values[row + pair.input.first].magnitude
        #expect(min(outputs[0], outputs[1]) <= input * 0x1p-22)
      }
    }
  }

  @Test func subnormalAndNonFinite() throws {
    let (_, tinyTruth) = try golden("subnormal", .float32)
    let tiny = tinyTruth.tensors.query.input.values.map { Float($0) }
    #expect(tiny.count { $0.isSubnormal } > tiny.count / 3)
    #expect(tiny.allSatisfy { $0.magnitude < 4 * Float.leastNormalMagnitude })
    let (golden, nonFinite) = try golden("non-finite", .float32)
    let values = nonFinite.tensors.query.input.values
    #expect(values.contains { $0.isNaN } && values.contains(.infinity) && values.contains(-.infinity))
    #expect(!golden.positions.values.contains(0))
  }
}
