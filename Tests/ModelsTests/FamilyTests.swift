import RoPE
import Testing

@testable import Models

@Suite struct FamilyTests {
  @Test("Every model type is read by one family")
  func unique() {
    let types = Family.all.flatMap(\.modelTypes)
    #expect(Dictionary(grouping: types) { $0 }.filter { $1.count > 1 }.keys.sorted() == [])
  }

  @Test("A file that gives its model type alone has the class's whole convention, or says what is missing")
  func classDefaults() throws {
    for type in Family.all.flatMap(\.modelTypes) {
      let key = type.hasSuffix("Model") ? "_class_name" : "model_type"
      do {
        let config = try config(#""\#(key)":"\#(type)""#)
        for kind in config.models { _ = try Plan(kind.configuration) }
        #expect(!config.defaults.isEmpty, "\(type)")
      } catch ModelConfigError.missing(_, let key, _) {
        // A composite model needs its text part; these classes take their width from a file that has it.
        #expect(
          key == "text_config" || type.hasPrefix("hunyuan_vl") && key == "xdrope_section", "\(type): \(key)")
      } catch ModelConfigError.invalid(_, "hidden_size", _, _) {
        #expect(["glm4_moe", "glm4v_moe_text"].contains(type), "\(type)")
      } catch ModelConfigError.invalid(_, "mrope_section", _, _) {
        // Its sections cover half of the head, but the class alone would rotate all of it.
        #expect(type == "glm4v_text", "\(type)")
      }
    }
  }

  @Test(
    "Models without rotary embedding copy every channel",
    arguments: [("gpt2", 64, 12), ("gpt_bigcode", 64, 1), ("opt", 64, 12), ("bloom", 8, 8), ("mpt", 128, 16)])
  func withoutRoPE(_ type: String, _ headDimension: Int, _ keyHeads: Int) throws {
    let kind = try kind(#""model_type":"\#(type)""#)
    #expect(kind.configuration == .withoutRoPE(headDimension: headDimension))
    #expect(kind.heads?.key == keyHeads)
  }

  @Test("Families that no bundled model has")
  func others() throws {
    let persimmon = try kind(#""model_type":"persimmon","rope_theta":25000"#).configuration
    #expect(persimmon.rotaryDimension == 32 && persimmon.headDimension == 64 && persimmon.base == 25000)
    #expect(try kind(#""model_type":"mixtral""#).configuration.base == 1e6)
    #expect(try kind("rope", of: #""model_type":"smollm3""#).configuration.base == 2e6)
    let kimi = try kind(#""model_type":"kimi_k25_vision""#).configuration
    #expect(kimi.axes == .alternating && kimi.headDimension == 72 && kimi.pairing == .half)
    let qwen = try kind(#""model_type":"qwen3_5_text""#).configuration
    #expect(qwen.rotaryDimension == 64 && qwen.axes == .interleavedSections([11, 11, 10]))
  }
}
