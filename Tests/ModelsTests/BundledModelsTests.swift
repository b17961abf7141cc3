import Models
import RoPE
import Testing

@Suite struct BundledModelsTests {
  @Test("Every bundled configuration has a plan and a name of its own")
  func plans() throws {
    for model in Model.bundled { #expect(try Plan(model.configuration).headDimension > 0, "\(model.name)") }
    #expect(Set(Model.bundled.map(\.name)).count == Model.bundled.count)
  }

  @Test("GLM-4 is interleaved and GLM-4.5 is half, both partial; gpt2 has no pair")
  func conventions() throws {
    let glm4 = try #require(Model.named("glm-4-9b-chat")).configuration
    let glm45 = try #require(Model.named("glm-4.5")).configuration
    #expect(glm4.pairing == .interleaved && glm45.pairing == .half)
    #expect(glm4.rotaryDimension == 64 && glm45.rotaryDimension == 64)
    #expect(try Plan(#require(Model.named("gpt2")).configuration).pairs.isEmpty)
    #expect(Model.named("gpt-2") == nil)
  }
}
