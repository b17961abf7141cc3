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

  @Test(
    "Products overflow the type, and the result does not, under each contract", arguments: ElementType.allCases,
    [ArrayCall.GivenAngles.positions, .frequencies, .table, .tableOfOtherType])
  func overflowingProducts(_ type: ElementType, _ given: ArrayCall.GivenAngles) throws {
    let golden = try golden(.overflowingProducts, type, frequencies: .yarn, given: given)
    #expect(overflowingProductCount(in: golden, tokens: 0..<40) > 100)
  }

  /// The results of Q that are finite although a product of their formula is not, in the type of the elements.
  private func overflowingProductCount(in golden: Golden, tokens: Range<Int>) -> Int {
    let type = golden.goldenCase.elementType, dimension = golden.plan.headDimension
    let rows = golden.truth.rows(.query, tokens), heads = golden.goldenCase.workload.queryHeads
    let largest = type.value(ofBits: type.bits(rounding: .infinity) - 1)
    var count = 0
    for row in 0..<tokens.count * heads {
      for pair in golden.runningPlan.pairs {
        let x = [pair.input.first, pair.input.second].map { rows.values[row * dimension + $0] }
        let y = [pair.output.first, pair.output.second].map { rows.expected[row * dimension + $0] }
        // The cosine and the sine, from the exact result; squares of float32's largest fit into float64.
        let square = x[0] * x[0] + x[1] * x[1]
        let cosine = (x[0] * y[0] + x[1] * y[1]) / square, sine = (x[0] * y[1] - x[1] * y[0]) / square
        let products = [[x[0] * cosine, x[1] * sine], [x[1] * cosine, x[0] * sine]]
        for (result, products) in zip(y, products)
        where result.magnitude < largest && products.contains(where: { $0.magnitude > 1.01 * largest }) {
          count += 1
        }
      }
    }
    return count
  }

  @Test("A case of the array holds the values that its name says, in each type under each contract")
  func effects() throws {
    let kinds = Dictionary(grouping: ArrayCases.standard.calls) { "\($0.type) \($0.given) \($0.values)" }
    #expect(kinds.count == 3 * 4 * 8)
    // The cheapest of each kind.
    for call in kinds.values.compactMap({ $0.min { $0.cost < $1.cost } }) {
      let recipe = call.recipe, golden = try Golden(computing: recipe), type = call.type
      let tokens = 0..<min(5, recipe.goldenCase.workload.tokenCount)
      let rows = golden.truth.rows(.query, tokens), infinity = type.bits(rounding: .infinity)
      let largest = type.value(ofBits: infinity - 1), unit = UInt32(1) << UInt32(type.significandBitCount)
      let magnitudes = rows.input.patterns.map { $0 & (1 << UInt32(8 * type.byteCount - 1) - 1) }
      let holds =
        switch call.values {
        case .spread: rows.values.allSatisfy { $0.magnitude < 8 }
        case .specialCopies: magnitudes.contains { $0 > infinity && $0 & (unit >> 1) == 0 }
        case .subnormal: magnitudes.contains { $0 > 0 && $0 < unit }
        case .nonFinite: rows.values.contains { $0.isNaN } || rows.values.contains { $0.isInfinite }
        case .largest: rows.values.contains { $0.magnitude > largest / 2 }
        case .cancellation:
          // The smaller output of a pair is at most a rounding of the larger input.
          golden.runningPlan.pairs.contains { pair in
            let outputs = [pair.output.first, pair.output.second].map { rows.expected[$0].magnitude }
            return min(outputs[0], outputs[1]) <= max(outputs[0], outputs[1]) * 2 * type.unitRoundoff
          }
        case .overflowEdge: rows.expected.contains { ($0.magnitude / largest - 1).magnitude < 2 * type.unitRoundoff }
        case .overflowingProducts: overflowingProductCount(in: golden, tokens: tokens) > 0
        case .equalRows: false
        }
      #expect(holds, "\(recipe.goldenCase.name)")
    }
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
