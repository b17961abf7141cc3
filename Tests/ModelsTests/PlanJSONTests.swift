import Foundation
import Models
import RoPE
import Testing

@Suite struct PlanJSONTests {
  @Test("Pairs by rule, an axis for each, and a formula with a scaling")
  func rule() throws {
    let plan = try plan(
      #""head_dim":8,"pairs":{"rule":"interleaved","count":2,"offset":4,"output_rule":"half"},"axes":[0,1],"#
        + #""frequencies":{"base":10000,"rope_type":"linear","factor":8},"attention_factor":1.5"#)
    #expect(plan.pairs.map(\.input) == [Plan.Channels(4, 5), Plan.Channels(6, 7)])
    #expect(plan.pairs.map(\.output) == [Plan.Channels(4, 6), Plan.Channels(5, 7)])
    #expect(plan.pairs.map(\.axis) == [0, 1] && plan.axisCount == 2)
    #expect(plan.pairs.allSatisfy { $0.frequency.table.dimension == 4 && $0.frequency.table.base == 1e4 })
    #expect(plan.pairs.allSatisfy { $0.frequency.table.adjustment == .divided(by: 8) })
    #expect(plan.attentionFactor == .value(1.5))
  }

  @Test("Pairs by index and frequencies by list")
  func indices() throws {
    let plan = try plan(#""head_dim":6,"pairs":[[0,3],[1,4,4,1]],"frequencies":[1,0.01]"#)
    #expect(plan.pairs.map(\.input) == [Plan.Channels(0, 3), Plan.Channels(1, 4)])
    #expect(plan.pairs.map(\.output) == [Plan.Channels(0, 3), Plan.Channels(4, 1)])
    #expect(plan.pairs.map(\.frequency.table.adjustment) == Array(repeating: .values([1, 0.01]), count: 2))
    #expect(plan.passThroughChannels == [2, 5] && plan.axisCount == 1)
  }

  @Test("A model's convention, written explicitly, is its plan")
  func model() throws {
    let explicit = try plan(
      #""head_dim":128,"pairs":{"rule":"half","count":64},"frequencies":{"base":1000000,"rope_type":"yarn","#
        + #""factor":4,"original_max_position_embeddings":32768}"#)
    #expect(try explicit == Plan(Model.named("qwen2.5-7b-yarn").configuration))
  }

  @Test("A formula that depends on the length of the call does so in a plan")
  func length() throws {
    let text =
      #""head_dim":8,"pairs":{"rule":"half","count":4},"frequencies":{"base":100,"rope_type":"dynamic","factor":2,"#
      + #""max_position_embeddings":16}"#
    let adjustments = try [16, 17].map { try plan(text, length: $0).pairs.map(\.frequency.table.adjustment)[0] }
    #expect(adjustments == [.none, .dynamic(factor: 2, length: 17, maximum: 16)])
  }

  @Test("What a scaling leaves out is listed, and remarks are not read")
  func defaults() throws {
    let read = try PlanJSON(
      json: Data(
        (#"{"_note":"mine","head_dim":4,"pairs":[[0,1]],"frequencies":{"base":9,"rope_type":"yarn","factor":2,"#
          + #""original_max_position_embeddings":9,"beta_slow":2,"truncate":false}}"#).utf8))
    #expect(read.defaults.map(\.key) == ["frequencies.beta_fast"] && read.plan.pairCount == 1)
  }

  @Test("A plan that is written is read again, whatever its scaling")
  func roundTrip() throws {
    var yarn = FrequencyScaling.YaRN(factor: 4, originalMaxPositionEmbeddings: 64)
    yarn.mscale = 0.5
    let scalings: [FrequencyScaling] = [
      .none, .linear(factor: 8), .ntk(alpha: 3), .dynamic(factor: 2, maxPositionEmbeddings: 16), .yarn(yarn),
      .llama3(
        FrequencyScaling.Llama3(factor: 8, lowFreqFactor: 1, highFreqFactor: 4, originalMaxPositionEmbeddings: 64)),
      .longrope(
        FrequencyScaling.LongRoPE(
          shortFactor: [1, 2], longFactor: [3, 4], originalMaxPositionEmbeddings: 64, factor: 2)),
      .proportional(partialRotaryFactor: 0.5, factor: 1), .normalized(extent: 14),
    ]
    for scaling in scalings {
      let plan = ExplicitPlan(
        headDimension: 4, pairs: .rule(.interleaved, output: .half, count: 2, offset: 0), axes: [1, 0], axisCount: 2,
        frequencies: .formula(base: 100, dimension: 4, scaling))
      #expect(try PlanJSON(json: JSONEncoder().encode(plan)).plan == plan, "\(scaling)")
    }
    let listed = ExplicitPlan(
      headDimension: 4,
      pairs: .list([
        ExplicitPlan.PairedChannels(input: Plan.Channels(0, 3), output: Plan.Channels(3, 0))
      ]), axes: [0], axisCount: 1, frequencies: .list([0.1]), attentionFactor: 1.5)
    #expect(try PlanJSON(json: JSONEncoder().encode(listed)).plan == listed)
  }

  static let messages: [(text: String, message: String)] = [
    (#""pairs":[[0,1]],"frequencies":[1]"#, "head_dim is missing: it is the number of channels of a head"),
    (#""head_dim":4,"frequencies":[1]"#, "pairs is missing: it says which channels rotate together"),
    (#""head_dim":4,"pairs":[[0,1]]"#, "frequencies is missing: it must be a list, or an object with base"),
    (#""head_dim":4,"pairs":[[0,1,2]],"frequencies":[1]"#, "pairs [0, 1, 2]: must be [in, in] or [in, in, out, out]"),
    (
      #""head_dim":4,"pairs":[[0,1]],"frequencies":[1,2]"#,
      "frequencies with 2 numbers: must be a list of 1, one for each pair"
    ),
    (
      #""head_dim":4,"pairs":[[0,1]],"axes":[0,1],"frequencies":[1]"#,
      "axes with 2 numbers: must be a list of 1, one for each pair"
    ),
    (
      #""head_dim":4,"pairs":[[0,4]],"frequencies":[1]"#,
      "pairs[0]: channel 4 must be at least 0 and below head_dim 4"
    ),
    (#""head_dim":4,"pairs":[[0,1],[1,2]],"frequencies":[1,1]"#, "pairs[1]: channel 1 is read a second time"),
    (#""head_dim":4,"pairs":[[0,1],[2,3,0,1]],"frequencies":[1,1]"#, "pairs[1]: channel 0 is written a second time"),
    (
      #""head_dim":4,"pairs":[[0,1,2,3]],"frequencies":[1]"#,
      "pairs: channels [2, 3] are written by a pair, but read by none"
    ),
    (
      #""head_dim":4,"pairs":[[0,1]],"axes":[2],"axis_count":2,"frequencies":[1]"#,
      "axes[0] 2: must be at least 0 and below axis_count 2"
    ),
    (
      #""head_dim":4,"pairs":[[0,1]],"axis_count":257,"frequencies":[1]"#,
      "axis_count 257: must be at least 1 and at most 256"
    ),
    (
      #""head_dim":4,"pairs":[[0,1]],"axes":[9223372036854774784],"frequencies":[1]"#,
      "axis_count 9223372036854774785: must be at least 1 and at most 256"
    ),
    (
      #""head_dim":4,"pairs":[[0,1]],"frequencies":[1e20]"#,
      "frequencies[0] 1e+20: must be an entry of its table, and at most 2^64 in magnitude"
    ),
    (
      #""head_dim":4,"pairs":[[0,1]],"axis":[0],"frequencies":[1]"#,
      "axis [0]: must be left out; the keys here are head_dim, pairs, axes, axis_count, frequencies, attention_factor"
    ),
    (
      #""head_dim":4,"pairs":{"rule":"half","count":2,"output":"half"},"frequencies":[1,1]"#,
      #"pairs.output "half": must be left out; the keys here are rule, output_rule, count, offset"#
    ),
    (
      #""head_dim":4,"pairs":[[0,1]],"frequencies":{"base":9,"rope_type":"linear","factor":2,"beta_fast":1}"#,
      "frequencies.beta_fast 1: must be left out; the keys here are base, dimension, rope_type, type, factor"
    ),
    (
      #""head_dim":4,"pairs":[[0,1]],"frequencies":{"base":9,"rope_type":"yarn","factor":2,"attention_factor":2,"#
        + #""original_max_position_embeddings":9},"attention_factor":3"#,
      "attention_factor 3 contradicts frequencies.attention_factor 2"
    ),
    (
      #""head_dim":4,"pairs":{"rule":"half","count":9000000000000000000},"frequencies":{"base":9}"#,
      "pairs.count 9000000000000000000: must be at least 0 and at most half of head_dim 4"
    ),
    (
      #""head_dim":4,"pairs":[[0,1]],"frequencies":[1],"attention_factor":0"#,
      "attention_factor 0.0: must be finite and greater than 0"
    ),
    (
      #""head_dim":4,"pairs":{"rule":"pairs","count":2},"frequencies":[1,1]"#,
      #"pairs.rule "pairs": must be half or interleaved"#
    ),
    (
      #""head_dim":4,"pairs":{"rule":"half","count":3},"frequencies":[1,1,1]"#,
      "pairs.count 3: must be at least 0 and at most half of head_dim 4"
    ),
    (
      #""head_dim":4,"pairs":{"rule":"half","count":1,"offset":3},"frequencies":[1]"#,
      "pairs.offset 3: must be at least 0 and at most 2"
    ),
    (
      #""head_dim":4,"pairs":{"rule":"half","count":2},"frequencies":{"base":1}"#,
      "frequencies.base 1: must be finite and above 1"
    ),
    (
      #""head_dim":4,"pairs":{"rule":"half","count":2},"frequencies":{"base":9,"rope_type":"linear","factor":0}"#,
      "frequencies.factor 0.0: must be finite and greater than 0"
    ),
    (
      #""head_dim":8,"pairs":{"rule":"half","count":4},"frequencies":{"base":9,"dimension":7}"#,
      "frequencies.dimension 7: must be even, at least 2 and at most 131072"
    ),
    (
      #""head_dim":4,"pairs":{"rule":"half","count":2},"frequencies":{"base":9,"rope_type":"normalized"}"#,
      "frequencies.extent is missing: normalized needs it"
    ),
    (
      #""head_dim":4,"pairs":{"rule":"half","count":2},"frequencies":{"base":9,"rope_type":"normalized","extent":8},"#
        + #""attention_factor":2"#,
      "attention_factor: must be 1 with frequencies of rope_type normalized"
    ),
  ]

  @Test("Each mistake is one line that names file, key and value", arguments: messages.indices)
  func mistakes(_ index: Int) {
    let (text, message) = Self.messages[index]
    let error = #expect(throws: ModelConfigError.self, "\(text)") { try plan(text) }
    #expect(error?.description == "plan.json: \(message)")
  }

  private func plan(_ text: String, length: Int = 1) throws -> Plan {
    try Plan(json: Data("{\(text)}".utf8), file: "plan.json", length: length)
  }
}
