import Foundation
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
    #expect(throws: PlanError.axisCount(257)) { try Plan(headDimension: 2, pairs: [pair], axisCount: 257) }
    for (index, value) in [(1, "inf"), (2, "entry 2"), (-1, "entry -1")] {
      let wrong = Plan.Pair(
        input: pair.input, output: pair.output, axis: 0, frequency: Frequency(table: pair.frequency.table, index: index)
      )
      #expect(throws: PlanError.frequency(pair: 0, value: value)) { try Plan(headDimension: 2, pairs: [wrong]) }
    }
  }

  private static let yarn = {
    var yarn = FrequencyScaling.YaRN(factor: 4, originalMaxPositionEmbeddings: 64)
    yarn.truncate = false
    return FrequencyScaling.yarn(yarn)
  }()

  static let plans: [ExplicitPlan] = [
    ExplicitPlan(
      headDimension: 12, pairs: .rule(.interleaved, output: .half, count: 2, offset: 4), axes: [0, 2], axisCount: 3,
      frequencies: .formula(base: 1e4, dimension: 8, yarn), attentionFactor: 1.25),
    ExplicitPlan(
      headDimension: 6,
      pairs: .list([
        ExplicitPlan.PairedChannels(input: Plan.Channels(0, 3), output: Plan.Channels(0, 3)),
        ExplicitPlan.PairedChannels(input: Plan.Channels(1, 4), output: Plan.Channels(4, 1)),
      ]), axes: [0, 0], axisCount: 1, frequencies: .list([1, 0.1])),
    ExplicitPlan(
      headDimension: 4, pairs: .rule(.half, output: .half, count: 2, offset: 0), axes: [0, 0], axisCount: 1,
      frequencies: .formula(base: 100, dimension: 4, .ntk(alpha: 2))),
    ExplicitPlan(headDimension: 4, pairs: .list([]), axes: [], axisCount: 1, frequencies: .list([])),
  ]

  @Test("A convention is read back from JSON as it was written", arguments: plans)
  func json(_ plan: ExplicitPlan) throws {
    let configuration = Convention.configuration(
      Configuration(headDimension: 8, rotaryDimension: 4, pairing: .half, base: 100))
    for convention in [.explicit(plan), configuration] {
      #expect(try JSONDecoder().decode(Convention.self, from: JSONEncoder().encode(convention)) == convention)
    }
  }

  @Test("The normal form has each pair's channels, axis and entry")
  func normalForm() throws {
    let plan = try Plan(Self.plans[0])
    #expect(plan.pairs.map(\.input) == [Plan.Channels(4, 5), Plan.Channels(6, 7)])
    #expect(plan.pairs.map(\.output) == [Plan.Channels(4, 6), Plan.Channels(5, 7)])
    #expect(plan.pairs.map(\.axis) == [0, 2] && plan.axisCount == 3)
    #expect(plan.pairs.map(\.frequency.index) == [0, 1] && plan.attentionFactor == .value(1.25))
    #expect(plan.pairs.allSatisfy { $0.frequency.table.dimension == 8 })
    #expect(try Plan(Self.plans[1]).pairs[1].output == Plan.Channels(4, 1))
  }

  @Test("A rule, a list of axes and a list of frequencies fit together")
  func mismatches() {
    func expect(_ error: PlanError, _ change: (inout ExplicitPlan) -> Void) {
      var plan = Self.plans[0]
      change(&plan)
      #expect(throws: error) { try Plan(plan) }
    }
    expect(.pairCount(7, headDimension: 12)) { $0.pairs = .rule(.half, output: .half, count: 7, offset: 0) }
    expect(.pairCount(-1, headDimension: 12)) { $0.pairs = .rule(.half, output: .half, count: -1, offset: 0) }
    expect(.offset(9, largest: 8)) { $0.pairs = .rule(.half, output: .half, count: 2, offset: 9) }
    expect(.axes(count: 1, pairCount: 2)) { $0.axes = [0] }
    expect(.frequencies(count: 3, pairCount: 2)) { $0.frequencies = .list([1, 1, 1]) }
    expect(.axis(pair: 1, axis: 2, axisCount: 2)) { $0.axisCount = 2 }
  }

  @Test("Numbers of channels or pairs that fit no head are refused before a list of them is made")
  func hostileJSON() {
    for pairs in [#"{"rule":"half","output_rule":"half","count":9000000000000000000,"offset":0}"#, "[[0,1]]", "7"] {
      let text = #"{"head_dim":4,"pairs":\#(pairs),"axes":[],"axis_count":1,"frequencies":[]}"#
      #expect(throws: DecodingError.self, "\(text)") {
        try JSONDecoder().decode(Convention.self, from: Data(text.utf8))
      }
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
