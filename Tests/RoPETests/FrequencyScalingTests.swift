import Foundation
import RoPE
import Testing

@Suite struct FrequencyScalingTests {
  private static var yarn: FrequencyScaling.YaRN {
    var yarn = FrequencyScaling.YaRN(factor: 40, originalMaxPositionEmbeddings: 4096)
    yarn.mscale = 0.707
    yarn.truncate = false
    return yarn
  }

  private static let all: [FrequencyScaling] = [
    .none, .linear(factor: 8), .ntk(alpha: 1000), .dynamic(factor: 2, maxPositionEmbeddings: 4096), .yarn(yarn),
    .llama3(.init(factor: 8, lowFreqFactor: 1, highFreqFactor: 4, originalMaxPositionEmbeddings: 8192)),
    .longrope(
      .init(shortFactor: [1, 1.5], longFactor: [2, 3], originalMaxPositionEmbeddings: 4096, factor: 32)),
    .proportional(partialRotaryFactor: 0.25, factor: 2), .normalized(extent: 14),
  ]

  @Test("JSON in Hugging Face's names gives the scaling back", arguments: all)
  func codable(_ scaling: FrequencyScaling) throws {
    let json = try JSONEncoder().encode(scaling)
    #expect(try JSONDecoder().decode(FrequencyScaling.self, from: json) == scaling)
    #expect(String(decoding: json, as: UTF8.self).contains("rope_type"))
  }

  @Test("The parameters are those of the JSON, each as numbers", arguments: all)
  func parameters(_ scaling: FrequencyScaling) throws {
    let json = try #require(
      JSONSerialization.jsonObject(with: JSONEncoder().encode(scaling)) as? [String: Any])
    #expect(json["rope_type"] as? String == scaling.typeName)
    let parameters = scaling.parameters
    #expect(parameters.map(\.name) == json.keys.filter { $0 != "rope_type" }.sorted())
    for parameter in parameters {
      let value = json[parameter.name]
      #expect((value as? [Double] ?? (value as? Double).map { [$0] }) == parameter.values, "\(parameter)")
    }
  }

  private func plan(_ scaling: FrequencyScaling, base: Double = 1e4, length: Int = 1) throws -> Plan {
    try Plan(
      Configuration(headDimension: 4, rotaryDimension: 4, pairing: .half, base: base, scaling: scaling),
      length: length)
  }

  @Test("longrope switches one position beyond the original length, for all positions of the call")
  func longropeSwitch() throws {
    let scaling = FrequencyScaling.longrope(
      .init(shortFactor: [1, 1.5], longFactor: [2, 3], originalMaxPositionEmbeddings: 4096, factor: 32))
    for (length, factors) in [(4095, [1, 1.5]), (4096, [1, 1.5]), (4097, [2.0, 3])] {
      #expect(
        try plan(scaling, length: length).pairs.map(\.frequency.table.adjustment)
          == Array(repeating: .dividedEach(by: factors), count: 2))
    }
  }

  @Test("A parameter that makes no frequencies is an error that names it")
  func contradictions() {
    func expect(
      _ parameter: String, _ scaling: FrequencyScaling, base: Double = 1e4,
      sourceLocation: SourceLocation = #_sourceLocation
    ) {
      let error = #expect(throws: ConfigurationError.self, sourceLocation: sourceLocation) {
        try plan(scaling, base: base)
      }
      #expect(error?.description.hasPrefix(parameter) == true, sourceLocation: sourceLocation)
    }
    func yarn(_ change: (inout FrequencyScaling.YaRN) -> Void) -> FrequencyScaling {
      var yarn = Self.yarn
      change(&yarn)
      return .yarn(yarn)
    }
    expect("factor 0.0", .linear(factor: 0))
    expect("factor nan", .linear(factor: .nan))
    expect("alpha -1.0", .ntk(alpha: -1))
    expect("factor 0.5", .dynamic(factor: 0.5, maxPositionEmbeddings: 4096))
    expect("max_position_embeddings 0", .dynamic(factor: 2, maxPositionEmbeddings: 0))
    expect("beta_fast 0.5", yarn { $0.betaFast = 0.5 })
    expect("beta_slow 0.0", yarn { $0.betaSlow = 0 })
    expect("mscale -1.0", yarn { $0.mscale = -1 })
    expect("original_max_position_embeddings 0", yarn { $0.originalMaxPositionEmbeddings = 0 })
    expect("rope_theta 0.5", yarn { _ in }, base: 0.5)
    expect(
      "high_freq_factor 1.0",
      .llama3(.init(factor: 8, lowFreqFactor: 4, highFreqFactor: 1, originalMaxPositionEmbeddings: 8192)))
    expect(
      "short_factor with 1 numbers",
      .longrope(.init(shortFactor: [1], longFactor: [2, 3], originalMaxPositionEmbeddings: 4096, factor: 32)))
    expect(
      "long_factor[1] 0.0",
      .longrope(.init(shortFactor: [1, 1], longFactor: [2, 0], originalMaxPositionEmbeddings: 4096, factor: 32)))
    expect("partial_rotary_factor 1.5", .proportional(partialRotaryFactor: 1.5, factor: 1))
    expect("extent 0", .normalized(extent: 0))
    expect("extent 1073741825", .normalized(extent: 1 << 30 + 1))
  }

  @Test("Normalised coordinates have no attention factor but 1")
  func normalizedAttentionFactor() throws {
    var configuration = Configuration(
      headDimension: 4, rotaryDimension: 4, pairing: .half, base: 100, scaling: .normalized(extent: 14))
    configuration.attentionFactor = 1
    #expect(try Plan(configuration).pairs.allSatisfy { $0.frequency.table.adjustment == .normalized(extent: 14) })
    configuration.attentionFactor = 1.25
    #expect(
      throws: ConfigurationError.scaling(parameter: "attention_factor", value: "1.25", mustBe: "1 for normalized")
    ) {
      try Plan(configuration)
    }
  }
}
