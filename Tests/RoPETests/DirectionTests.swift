import RoPE
import Testing

@Suite struct DirectionTests {
  private let plan = try? Plan(
    Configuration(
      headDimension: 4, rotaryDimension: 4, pairing: .interleaved, outputPairing: .half, base: 1e4,
      attentionFactor: 2))

  @Test("The inverse reads what was written and turns the other way")
  func inverse() throws {
    let inverse = try #require(plan).running(.inverse)
    #expect(inverse.pairs.map { [$0.input.first, $0.input.second] } == [[0, 2], [1, 3]])
    #expect(inverse.pairs.map { [$0.output.first, $0.output.second] } == [[0, 1], [2, 3]])
    #expect(inverse.running(.inverse) == plan)
    #expect(Angles.positions([3, -7]).running(.inverse) == .positions([-3, 7]))
    let table = CosSinTable(type: .bfloat16, pairCount: 2, cosines: [1, 2], sines: [3, 0x8004])
    #expect(
      Angles.table(table, rows: [0]).running(.inverse)
        == .table(CosSinTable(type: .bfloat16, pairCount: 2, cosines: [1, 2], sines: [0x8003, 4]), rows: [0]))
    #expect(Angles.positions([3]).running(.forward) == .positions([3]))
  }
}
