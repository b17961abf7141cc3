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

  static let messages: [(text: String, message: String)] = [
    (#""pairs":[[0,1]],"frequencies":[1]"#, "head_dim is missing: the channels of a head"),
    (#""head_dim":4,"frequencies":[1]"#, "pairs is missing: which channels rotate together"),
    (#""head_dim":4,"pairs":[[0,1]]"#, "frequencies is missing: a list, or an object with base"),
    (#""head_dim":4,"pairs":[[0,1,2]],"frequencies":[1]"#, "pairs [0, 1, 2]: must be [in, in] or [in, in, out, out]"),
    (#""head_dim":4,"pairs":[[0,1]],"frequencies":[1,2]"#, "frequencies of 2 numbers: must be of 1, one for each pair"),
    (
      #""head_dim":4,"pairs":[[0,1]],"axes":[0,1],"frequencies":[1]"#, "axes of 2 axes: must be of 1, one for each pair"
    ),
    (
      #""head_dim":4,"pairs":[[0,4]],"frequencies":[1]"#,
      "pair 0: channel 4: must be at least 0 and below the head dimension 4"
    ),
    (#""head_dim":4,"pairs":[[0,1],[1,2]],"frequencies":[1,1]"#, "pair 1: channel 1 is read a second time"),
    (#""head_dim":4,"pairs":[[0,1],[2,3,0,1]],"frequencies":[1,1]"#, "pair 1: channel 0 is written a second time"),
    (
      #""head_dim":4,"pairs":[[0,1,2,3]],"frequencies":[1]"#,
      "channels [2, 3]: must be read by a pair, as they are written by one"
    ),
    (
      #""head_dim":4,"pairs":[[0,1]],"axes":[2],"axis_count":2,"frequencies":[1]"#,
      "pair 0: axis 2: must be at least 0 and below the axis count 2"
    ),
    (
      #""head_dim":4,"pairs":[[0,1]],"frequencies":[1],"attention_factor":0"#,
      "attention factor 0.0: must be finite and greater than 0"
    ),
    (
      #""head_dim":4,"pairs":{"rule":"pairs","count":2},"frequencies":[1,1]"#,
      #"pairs.rule "pairs": must be half or interleaved"#
    ),
    (
      #""head_dim":4,"pairs":{"rule":"half","count":3},"frequencies":[1,1,1]"#,
      "pairs.count 3: must be at most half of head_dim 4"
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
      "frequencies.dimension 7: must be even and at least 2"
    ),
    (
      #""head_dim":4,"pairs":{"rule":"half","count":2},"frequencies":{"base":9,"rope_type":"normalized"}"#,
      "frequencies.extent is missing: normalized needs it"
    ),
    (
      #""head_dim":4,"pairs":{"rule":"half","count":2},"frequencies":{"base":9,"rope_type":"normalized","extent":8},"attention_factor":2"#,
      "an attention factor beside frequencies of rope_type normalized: must be 1"
    ),
  ]

  @Test("Each mistake is one line that names file, key and value", arguments: messages.indices)
  func mistakes(_ index: Int) {
    let (text, message) = Self.messages[index]
    let error = #expect(throws: ModelConfigError.self, "\(text)") { try plan(text) }
    #expect(error?.description == "plan.json: \(message)")
  }

  private func plan(_ text: String) throws -> Plan { try Plan(json: Data("{\(text)}".utf8), file: "plan.json") }
}
