import Foundation
import Models
import RoPE
import Testing

/// The bundled models against the conventions published for them, written here once more as literals.
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
    #expect([model.queryHeads, model.keyHeads] == expected.heads)
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

  @Test("Every resource is a bundled model")
  func resources() throws {
    let folder = URL(fileURLWithPath: #filePath)
      .deletingLastPathComponent().appendingPathComponent("../../Sources/Models/Resources")
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
