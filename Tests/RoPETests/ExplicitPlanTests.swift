import RoPE
import Testing

@Suite struct ExplicitPlanTests {
  private let pair = Plan.Pair(
    input: Plan.Channels(0, 1), output: Plan.Channels(1, 0), axis: 0,
    frequency: Frequency(table: .list([0.5, .infinity]), index: 0))

  @Test("Pairs may swap their channels, and the others are copied")
  func swap() throws {
    let plan = try Plan(headDimension: 3, pairs: [pair])
    #expect(plan.pairs == [pair] && plan.passThroughChannels == [2] && plan.attentionFactor.isOne)
  }

  @Test("A plan that is no list of rotations is an error")
  func errors() {
    #expect(throws: PlanError.headDimension(0)) { try Plan(headDimension: 0, pairs: []) }
    #expect(throws: PlanError.axisCount(0)) { try Plan(headDimension: 2, pairs: [pair], axisCount: 0) }
    #expect(throws: PlanError.attentionFactor(-1)) {
      try Plan(headDimension: 2, pairs: [pair], attentionFactor: .value(-1))
    }
    for (index, value) in [(1, "inf"), (2, "entry 2"), (-1, "entry -1")] {
      let wrong = Plan.Pair(
        input: pair.input, output: pair.output, axis: 0, frequency: Frequency(table: pair.frequency.table, index: index)
      )
      #expect(throws: PlanError.frequency(pair: 0, value: value)) { try Plan(headDimension: 2, pairs: [wrong]) }
    }
  }

  @Test("Normalised coordinates have no attention factor but 1")
  func normalized() throws {
    let table = try FrequencyTable.formula(base: 100, dimension: 2, scaling: .normalized(extent: 14))
    let turning = Plan.Pair(
      input: pair.input, output: pair.output, axis: 0, frequency: Frequency(table: table, index: 0))
    #expect(throws: PlanError.normalizedAttentionFactor) {
      try Plan(headDimension: 2, pairs: [turning], attentionFactor: .value(2))
    }
    #expect(try Plan(headDimension: 2, pairs: [turning]).pairs == [turning])
  }

  @Test("A table by formula is that of the configuration")
  func formula() throws {
    let configuration = Configuration(
      headDimension: 8, rotaryDimension: 8, pairing: .half, base: 100, scaling: .ntk(alpha: 2))
    let table = try FrequencyTable.formula(base: 100, dimension: 8, scaling: .ntk(alpha: 2))
    #expect(try Plan(configuration).pairs.allSatisfy { $0.frequency.table == table })
    #expect(throws: ConfigurationError.rotaryDimension(0, headDimension: 0)) {
      try FrequencyTable.formula(base: 100, dimension: 0)
    }
  }
}
