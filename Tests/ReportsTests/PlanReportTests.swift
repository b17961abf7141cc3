import Foundation
import Models
import Reference
import Reports
import RoPE
import Testing

@Suite struct PlanReportTests {
  @Test("The convention in words, the defaults with their source, and the ends of the table")
  func text() throws {
    let text = try report("glm-4-9b-chat").text(all: false)
    for line in [
      "glm-4-9b-chat: 32 query heads, 2 key heads", "rotates 64 of 128 channels of a head, 0 to 63",
      "pairs interleaved: channel 2i with channel 2i + 1", "base 5000000.0, scaling none",
      "positions: one for each token", "0      0, 1       0, 1       0     1.0", "  … 20 more pairs; --all shows them",
    ] {
      #expect(text.split(separator: "\n").contains(Substring(line)), "\(line)")
    }
    #expect(
      try report("gpt-j-6b").text(all: true).contains(
        "default: rope_theta = 10000 (transformers 5.23.0, modeling_gptj.py, in the code)"))
    #expect(
      try report("minimax-text-01-transformers").text(all: true).contains(
        "note: rotary_dim 64 is ignored: transformers 5.23.0, MiniMaxConfig rotates the whole head"))
    #expect(
      try report("dinov3-vits16").text(all: true).contains(
        "scaling normalized, 2π/14 times; patch p of 14 has position 2p + 1 − 14"))
    #expect(try report("gpt2").text(all: false).contains("no rotation: all 64 channels of a head are copied"))
  }

  @Test("--all shows every pair")
  func all() throws {
    let report = try report("glm-4-9b-chat")
    let all = report.text(all: true).split(separator: "\n"), some = report.text(all: false).split(separator: "\n")
    #expect(all.count == some.count + 19)
    #expect(!all.contains { $0.contains("more pairs") })
  }

  @Test("Two models differ where their plans do, each part once")
  func differences() throws {
    let glm = try report("glm-4-9b-0414")
    #expect(try glm.differences(from: report("chatglm3-6b")) == [])
    #expect(
      try glm.differences(from: report("glm-4.5")) == [
        "channels read: 32 of 32 pairs differ, first pair 0: 0, 1 in glm-4-9b-0414, 0, 32 in glm-4.5",
        "channels written: 32 of 32 pairs differ, first pair 0: 0, 1 in glm-4-9b-0414, 0, 32 in glm-4.5",
        "frequency: 31 of 32 pairs differ, first pair 1: 0.7498942093324559 in glm-4-9b-0414, 0.6493816315762113 in glm-4.5",
        "base: 10000.0 in glm-4-9b-0414, 1000000.0 in glm-4.5",
      ])
    let sections = try report("glm-4.5v").differences(from: report("glm-4.5"))
    #expect(sections.contains("position axes: 3 in glm-4.5v, 1 in glm-4.5"))
    #expect(sections.contains("axis: 24 of 32 pairs differ, first pair 8: 1 in glm-4.5v, 0 in glm-4.5"))
    #expect(
      try report("qwen2.5-7b-yarn").differences(from: report("qwen2.5-7b")).contains(
        "attention factor: 1.138629436111989 in qwen2.5-7b-yarn, 1.0 in qwen2.5-7b"))
    #expect(
      try report("llama-2-7b-dynamic").differences(from: report("llama-2-7b")) == [
        "scaling: dynamic NTK, factor 2.0, beyond 4096 positions in llama-2-7b-dynamic, none in llama-2-7b"
      ])
    let whole = try report("llama-2-7b").differences(from: glm)
    #expect(whole.contains("pairs: 64 in llama-2-7b, 32 in glm-4-9b-0414"))
  }

  @Test("As JSON the plan is arrays, as in a golden file")
  func json() throws {
    let data = try JSONEncoder().encode(report("deepseek-v3"))
    let root = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    let plan = try #require(root["plan"] as? [String: Any])
    #expect((plan["in"] as? [[Int]])?.first == [128, 129])
    #expect((plan["out"] as? [[Int]])?.first == [128, 160])
    #expect((plan["inv_freq"] as? [Double])?.count == 32)
    #expect(root["query_heads"] as? Int == 128)
  }

  @Test("An explicit plan in words, without heads, and as JSON")
  func explicitPlan() throws {
    let ruled = try report(
      explicit:
        #"{"head_dim":12,"pairs":{"rule":"interleaved","count":2,"offset":4,"output_rule":"half"},"axes":[0,1],"#
        + #""frequencies":{"base":10000,"rope_type":"linear","factor":8},"attention_factor":1.2}"#)
    #expect(
      ruled.text(all: false).split(separator: "\n") == [
        "my-plan", "source: a test", "rotates 4 of 12 channels of a head, by an explicit plan",
        "reads interleaved pairs and writes half ones, 2 of them from channel 4 on",
        "base 10000.0, dimension 4, scaling linear, factor 8.0", "attention factor 1.2, as given",
        "positions: 2 axes, which drive [1, 1] pairs", "attention factor 1.2",
        "pair   in         out        axis  radians per position", "0      4, 5       4, 6       0     0.125",
        "1      6, 7       5, 7       1     0.00125",
      ])
    let listed = try report(explicit: #"{"head_dim":6,"pairs":[[0,3],[4,1]],"frequencies":[1,0.01]}"#)
    for line in ["pairs as listed", "frequencies as listed", "positions: one for each token"] {
      #expect(listed.text(all: false).contains("\n\(line)\n"), "\(line)")
    }
    let data = try JSONEncoder().encode(listed)
    let root = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    let configuration = try #require(root["configuration"] as? [String: Any])
    #expect(configuration["pairs"] as? [[Int]] == [[0, 3, 0, 3], [4, 1, 4, 1]] && root["query_heads"] == nil)
    let still = try report(explicit: #"{"head_dim":6,"pairs":[],"frequencies":[]}"#)
    #expect(still.text(all: true).hasSuffix("no rotation: all 6 channels of a head are copied"))
  }

  private func report(_ name: String) throws -> PlanReport {
    try report(Model.named(name))
  }

  private func report(explicit text: String) throws -> PlanReport {
    try report(PlanJSON(json: Data(text.utf8)).model(named: "my-plan", source: "a test"))
  }

  private func report(_ model: Model) throws -> PlanReport {
    let plan = try model.convention.plan(), tables = ExactTables(plan)
    return PlanReport(
      of: model, plan: plan, frequencies: tables.inverseFrequencies(), attentionFactor: tables.attentionFactor())
  }
}
