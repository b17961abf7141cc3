import RoPE
import Testing

@testable import Goldens

@Suite("Values of computed cases") struct PatternTests {
  /// A case of 40 tokens with every pattern's own values, 9 rotating pairs and 22 copied channels.
  private func golden(
    _ values: Workload.Pattern, _ type: ElementType, frequencies: ArrayCall.Frequencies = .plain,
    given: ArrayCall.GivenAngles = .positions, direction: Direction = .forward
  ) throws -> Golden {
    var call = ArrayCall(
      type: type, given: given, heads: PerTensor(query: 3, key: 2), pairings: .init(input: .interleaved, output: .half),
      batch: 2, sequence: 20, shape: .init(head: 40, rotary: 18, offset: 3))
    (call.values, call.frequencies, call.direction, call.placing) = (values, frequencies, direction, .far)
    return try Golden(computing: call.recipe)
  }

  /// The rows of Q: inputs, and exact results.
  private func rows(_ golden: Golden) -> ExactRows {
    golden.truth.rows(.query, 0..<golden.goldenCase.workload.tokenCount)
  }

  @Test("Inputs reach the type's largest binade, and some results are infinite in it", arguments: ElementType.allCases)
  func largest(_ type: ElementType) throws {
    let rows = rows(try golden(.largest, type)), infinity = type.bits(rounding: .infinity)
    let largest = type.value(ofBits: infinity - 1)
    #expect(rows.values.allSatisfy { $0.isFinite })
    #expect(rows.values.contains { $0.magnitude > largest / 2 })
    #expect(rows.expected.contains { type.value(ofBits: type.bits(rounding: $0)).isInfinite })
    #expect(rows.expected.contains { $0.magnitude < largest })
  }

  @Test(
    "Results lie on both sides of the overflow, by the angles that the contract gives",
    arguments: ElementType.allCases,
    [ArrayCall.GivenAngles.positions, .frequencies, .table, .tableOfOtherType])
  func overflowEdge(_ type: ElementType, _ given: ArrayCall.GivenAngles) throws {
    for direction in [Direction.forward, .inverse] {
      let golden = try golden(.overflowEdge, type, frequencies: .yarn, given: given, direction: direction)
      let rows = rows(golden), largest = type.value(ofBits: type.bits(rounding: .infinity) - 1)
      let ulp = type.ulp(of: largest), edge = largest + ulp / 2
      let near = rows.expected.filter { ($0.magnitude - edge).magnitude < 2 * ulp }
      #expect(rows.values.allSatisfy { $0.magnitude <= largest })
      #expect(near.count { $0.magnitude < edge } > 20, "\(direction)")
      #expect(near.count { $0.magnitude >= edge } > 20, "\(direction)")
      if type == .float16 { #expect(edge == 65_520) }
    }
  }

  @Test("Products overflow the type, and their difference nearly vanishes", arguments: ElementType.allCases)
  func overflowingProducts(_ type: ElementType) throws {
    let golden = try golden(.overflowingProducts, type, frequencies: .yarn), rows = rows(golden)
    let largest = type.value(ofBits: type.bits(rounding: .infinity) - 1), dimension = golden.plan.headDimension
    var found = 0
    for row in stride(from: 0, to: rows.values.count, by: dimension) {
      for pair in golden.runningPlan.pairs {
        let sizes = [pair.input.first, pair.input.second].map { rows.values[row + $0].magnitude }
        let outputs = [pair.output.first, pair.output.second].map { rows.expected[row + $0].magnitude }
        // One output has the length of the pair times the attention factor, the other nearly nothing.
        if max(sizes[0], sizes[1]) * golden.attentionFactor > largest, min(outputs[0], outputs[1]) < largest / 64 {
          found += 1
        }
      }
    }
    #expect(found > 0)
  }

  @Test(
    "One output of a pair nearly vanishes, under each contract",
    arguments: [ArrayCall.GivenAngles.positions, .frequencies, .table, .tableOfOtherType])
  func cancellation(_ given: ArrayCall.GivenAngles) throws {
    let golden = try golden(.cancellation, .float32, given: given), rows = rows(golden)
    for row in stride(from: 0, to: rows.values.count, by: golden.plan.headDimension) {
      for pair in golden.runningPlan.pairs {
        let outputs = [pair.output.first, pair.output.second].map { rows.expected[row + $0].magnitude }
        #expect(min(outputs[0], outputs[1]) <= rows.values[row + pair.input.first].magnitude * 0x1p-22)
      }
    }
  }

  @Test(
    "Copied channels hold signalling and quiet NaN, infinities, both zeros and subnormal numbers; others are ordinary",
    arguments: ElementType.allCases)
  func specialCopies(_ type: ElementType) throws {
    let golden = try golden(.specialCopies, type), rows = rows(golden), dimension = golden.plan.headDimension
    let copied = Set(golden.runningPlan.passThroughChannels)
    let bits = (0..<rows.input.count).filter { copied.contains($0 % dimension) }.map { rows.input[$0] }
    let infinity = type.bits(rounding: .infinity), unit = UInt32(1) << UInt32(type.significandBitCount)
    let magnitude = bits.map { $0 & (1 << UInt32(8 * type.byteCount - 1) - 1) }
    #expect(magnitude.contains { $0 > infinity && $0 & (unit >> 1) == 0 })
    #expect(magnitude.contains { $0 > infinity && $0 & (unit >> 1) != 0 })
    #expect(magnitude.contains(infinity) && magnitude.contains { $0 > 0 && $0 < unit })
    #expect(bits.contains(0) && bits.contains(1 << UInt32(8 * type.byteCount - 1)))
    // A signalling NaN marks an element that was not written, and is negative.
    #expect(zip(bits, magnitude).allSatisfy { $0 == $1 || $1 <= infinity || $1 & (unit >> 1) != 0 })
    #expect((0..<rows.values.count).allSatisfy { copied.contains($0 % dimension) || rows.values[$0].isFinite })
  }

  @Test("Infinities and NaN come first, second and in both places of a pair")
  func nonFinite() throws {
    let golden = try golden(.nonFinite, .float16), rows = rows(golden)
    var found = Set<[Bool]>()
    for row in stride(from: 0, to: rows.values.count, by: golden.plan.headDimension) {
      for pair in golden.plan.pairs {
        let (first, second) = (rows.values[row + pair.input.first], rows.values[row + pair.input.second])
        found.insert([first.isNaN, first.isInfinite, second.isNaN, second.isInfinite])
      }
    }
    // Finite, infinite or NaN in each place.
    #expect(found.count == 9)
  }
}
