import Foundation
import Models
import RoPE
import TestSupport
import Testing

/// The bundled models, compared with the conventions published for them, which are repeated here as literals.
@Suite struct BundledModelsTests {
  @Test("Every bundled model has the convention of its family", arguments: ExpectedModel.all)
  func convention(_ expected: ExpectedModel) throws {
    let model = try Model.named(expected.name), configuration = model.configuration
    #expect(configuration.pairing == expected.pairing)
    #expect(configuration.outputPairing == expected.output ?? expected.pairing)
    #expect([configuration.rotaryDimension, configuration.headDimension, configuration.rotaryOffset] == expected.slice)
    if configuration.rotaryDimension > 0 { #expect(configuration.base == expected.base) }
    #expect(configuration.scaling == expected.scaling)
    #expect(configuration.attentionFactor == nil)
    #expect(configuration.axes == expected.axes)
    #expect(model.heads?.all == expected.heads)
    let plan = try Plan(configuration)
    #expect(2 * plan.pairs.count == configuration.rotaryDimension)
  }

  @Test("The table has every bundled model, in order, each once")
  func complete() throws {
    #expect(try Model.bundled.map(\.name).sorted() == ExpectedModel.all.map(\.name).sorted())
    #expect(
      try Model.bundled.prefix(6).map(\.name) == [
        "chatglm3-6b", "glm-4-9b-chat", "glm-4-9b-0414", "glm-4.5", "llama-2-7b", "gpt2",
      ])
  }

  @Test("The models of a file are named after it or under a name, each with its kind")
  func names() throws {
    let read = try config(#""model_type":"exaone4","num_hidden_layers":4,"sliding_window":4096,"rope_theta":1000000"#)
    #expect(read.models.map(\.name) == ["config.json, rope", "config.json, nope"])
    #expect(read.models.allSatisfy { $0.source == "config.json" && $0.defaults == read.defaults })
    let named = read.models(named: "exaone", source: "a test")
    #expect(named.map(\.name) == ["exaone-rope", "exaone-nope"] && named.map(\.kind) == ["rope", "nope"])
    #expect(named.allSatisfy { $0.source == "a test" } && named.map(\.convention) == read.models.map(\.convention))
    let plain = try config(#""model_type":"llama","hidden_act":"silu","rope_type":"yarn""#)
    #expect(plain.models.map(\.name) == ["config.json"] && plain.models.first?.notes == plain.notes)
    #expect(plain.models(named: "mine", source: "").map(\.name) == ["mine"] && !plain.notes.isEmpty)
  }

  @Test("A plan written out is a model whose heads nobody knows")
  func explicitPlan() throws {
    let read = try PlanJSON(
      json: Data(
        #"{"head_dim":4,"pairs":{"rule":"half","count":2},"frequencies":{"base":9,"rope_type":"yarn","factor":2,"original_max_position_embeddings":8}}"#
          .utf8))
    let model = read.model(named: "mine", source: "a test")
    #expect(model.name == "mine" && model.source == "a test" && model.convention == .explicit(read.plan))
    #expect(model.heads == nil && model.kind == nil && model.layers == nil && model.notes.isEmpty)
    #expect(!model.defaults.isEmpty && model.defaults == read.defaults)
  }

  @Test("A model without RoPE keeps its name and heads")
  func withoutRoPE() throws {
    let model = try Model.named("glm-4.5"), still = model.withoutRoPE
    #expect(still.name == model.name && still.heads == model.heads)
    #expect(still.convention == .configuration(.withoutRoPE(headDimension: 128)))
  }

  @Test("Every resource is a bundled model")
  func resources() throws {
    let folder = packageRoot.appending(path: "Sources/Models/Resources")
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    #expect(files.sorted() == Model.bundledFiles.map { "\($0).json" }.sorted())
  }

  @Test func aModelThatIsNotBundledIsAnError() {
    let error = #expect(throws: ModelConfigError.self) { try Model.named("gpt-2") }
    #expect(
      error?.description.hasPrefix("no bundled model is named 'gpt-2'; nearest: gpt2") == true, "\(error as Any)")
  }

  @Test("The factors of LongRoPE are the published lists, from their first to their last")
  func longRoPE() throws {
    guard case .longrope(let phi3) = try Model.named("phi-3-mini-128k").configuration.scaling,
      case .longrope(let phi4) = try Model.named("phi-4-mini").configuration.scaling
    else {
      Issue.record("Phi is not scaled by longrope")
      return
    }
    #expect(phi3.longFactor.first == 1.0700000524520874 && phi3.longFactor.last == 64.76000213623047)
    #expect(phi3.shortFactor.first == 1.1 && phi3.shortFactor.last == 3.05 && phi3.shortFactor.count == 48)
    #expect(phi4.shortFactor == Array(repeating: 1, count: 48))
    #expect(phi4.longFactor[1] == 1.118320672 && phi4.longFactor.last == 47.77)
    for factors in [phi3, phi4] {
      #expect(factors.factor == 32 && factors.originalMaxPositionEmbeddings == 4096)
    }
  }
}
