import Models
import RoPE
import Testing

/// Traps that implementations have fallen into: a key or name with two meanings, and classes that ignore or rewrite
/// values.
@Suite struct FamilyTrapTests {
  private let heads = #""num_attention_heads":8,"num_key_value_heads":2,"head_dim":128"#

  @Test("GLM-4 is interleaved and GLM-4.5 is half, with the same keys")
  func glm() throws {
    let keys = #"\#(heads),"partial_rotary_factor":0.5,"rope_theta":10000"#
    #expect(try kind(#""model_type":"glm4",\#(keys)"#).configuration.pairing == .interleaved)
    #expect(try kind(#""model_type":"glm4_moe",\#(keys)"#).configuration.pairing == .half)
  }

  @Test("GLM-4.1V is interleaved and GLM-4.5V is half, with the same sections")
  func glmVision() throws {
    let text = #""text_config":{\#(heads),"partial_rotary_factor":0.5}"#
    let old = try kind(#""model_type":"glm4v",\#(text)"#).configuration
    let new = try kind(#""model_type":"glm4v_moe",\#(text)"#).configuration
    #expect(old.pairing == .interleaved && new.pairing == .half)
    #expect(old.axes == .sections([8, 12, 12]) && new.axes == old.axes)
  }

  @Test("Kimi-K2's beta_fast of 1 is kept; without it the class has 32, and that is noted")
  func kimiBetas() throws {
    func scaling(_ betas: String) -> String {
      #""model_type":"kimi_k2","rope_scaling":{"type":"yarn","factor":32,"original_max_position_embeddings":4096\#(betas)}"#
    }
    let given = try yarn(scaling(#","beta_fast":1.0,"beta_slow":1.0"#)), absent = try yarn(scaling(""))
    #expect(given.betaFast == 1 && given.betaSlow == 1)
    #expect(absent.betaFast == 32 && absent.betaSlow == 1)
    #expect(
      try config(scaling("")).defaults.contains {
        $0.key == "rope_scaling.beta_fast" && $0.value == "32" && $0.source.contains("modeling_rope_utils.py")
      })
  }

  @Test("DeepSeek-V2 writes interleaved, V3 half; V3 without rope_interleave reads half too")
  func deepSeek() throws {
    let two = try kind(#""model_type":"deepseek_v2""#).configuration
    let three = try kind(#""model_type":"deepseek_v3""#).configuration
    let plain = try kind(#""model_type":"deepseek_v3","rope_interleave":false"#).configuration
    #expect(two.pairing == .interleaved && two.outputPairing == .interleaved)
    #expect(three.pairing == .interleaved && three.outputPairing == .half)
    #expect(plain.pairing == .half && plain.outputPairing == .half)
    #expect(three.rotaryOffset == 128 && three.headDimension == 192)
  }

  @Test("gpt-oss does not round the ramp, in its file and in its class")
  func gptOSS() throws {
    let file =
      #""rope_scaling":{"rope_type":"yarn","factor":32,"original_max_position_embeddings":4096,"truncate":false}"#
    #expect(try !yarn(#""model_type":"gpt_oss",\#(file)"#).truncate)
    #expect(try !yarn(#""model_type":"gpt_oss""#).truncate)
    #expect(try config(#""model_type":"gpt_oss",\#(file)"#).defaults.allSatisfy { $0.key != "rope_parameters" })
  }

  @Test("truncate has no effect in the object of a layer type", arguments: [true, false])
  func nestedTruncate(isOldForm: Bool) throws {
    let scaling = #""rope_type":"yarn","factor":8,"original_max_position_embeddings":8192,"truncate":false"#
    let text =
      isOldForm
      ? #""model_type":"olmo3","rope_scaling":{\#(scaling)}"#
      : #""model_type":"olmo3","rope_parameters":{"full_attention":{\#(scaling),"rope_theta":500000},"sliding_attention":{"rope_type":"default","rope_theta":500000}}"#
    guard case .yarn(let yarn) = try kind("global", of: text).configuration.scaling else {
      Issue.record("not scaled by YaRN")
      return
    }
    #expect(yarn.truncate)
    #expect(try kind("local", of: text).configuration.scaling == .none)
    let notes = try config(text).notes
    #expect(notes.map(\.value) == ["false"] && notes.allSatisfy { $0.key.hasSuffix("truncate") })
    let outside = text.replacing(#","truncate":false"#, with: "").replacing(
      #""rope_parameters":{"#, with: #""rope_parameters":{"truncate":false,"#)
    if !isOldForm, case .yarn(let yarn) = try kind("global", of: outside).configuration.scaling {
      #expect(!yarn.truncate)
    }
  }

  @Test("Phi-3 rewrites su and yarn to longrope", arguments: ["su", "yarn", "longrope"])
  func phi3(_ type: String) throws {
    let ones = "[" + Array(repeating: "1", count: 48).joined(separator: ",") + "]"
    let scaling = try kind(
      #""model_type":"phi3","max_position_embeddings":131072,"rope_scaling":{"type":"\#(type)","short_factor":\#(ones),"long_factor":\#(ones)}"#
    ).configuration.scaling
    guard case .longrope(let longrope) = scaling else {
      Issue.record("\(type) is read as \(scaling)")
      return
    }
    #expect(longrope.factor == 32 && longrope.originalMaxPositionEmbeddings == 4096)
  }

  @Test("MiniMax ignores both keys of a partial rotation and says so; MiniMax-M2 honours rotary_dim")
  func miniMax() throws {
    let keys = #"\#(heads),"rotary_dim":64"#
    let one = try config(#""model_type":"minimax",\#(keys),"partial_rotary_factor":0.5"#)
    #expect(one.models.first?.configuration.rotaryDimension == 128)
    #expect(
      Set(one.notes.map(\.description)) == [
        "rotary_dim 64 is ignored: transformers 5.23.0, MiniMaxConfig rotates the whole head",
        "partial_rotary_factor 0.5 is ignored: transformers 5.23.0, MiniMaxConfig rotates the whole head",
      ])
    for published in ["minimax_text_01", "MiniMaxText01"] {
      let config = try config(#""model_type":"\#(published)",\#(keys)"#)
      #expect(config.models.first?.configuration.rotaryDimension == 64 && config.notes.isEmpty)
    }
    #expect(try kind(#""model_type":"minimax_m2",\#(keys)"#).configuration.rotaryDimension == 64)
    #expect(try kind(#""model_type":"minimax_m2",\#(heads)"#).configuration.rotaryDimension == 128)
  }

  @Test("rope_ratio multiplies the base, and divides positions in ChatGLM2")
  func ropeRatio() throws {
    let keys = #""model_type":"chatglm","kv_channels":128,"rope_ratio":50"#
    let three = try kind(keys).configuration
    let two = try kind(#"\#(keys),"_name_or_path":"THUDM/chatglm2-6b-32k""#).configuration
    #expect(three.base == 5e5 && three.scaling == .none)
    #expect(two.base == 1e4 && two.scaling == .linear(factor: 50))
    #expect(try config(keys).notes.isEmpty)
    #expect(
      try config(#"\#(keys),"_name_or_path":"THUDM/chatglm2-6b-32k""#).notes.map(\.description) == [
        "rope_ratio 50 divides positions, because _name_or_path names ChatGLM2; otherwise it multiplies the base"
      ])
  }

  @Test("A base that is written in the code is not the file's, and that is noted")
  func fixedBase() throws {
    for type in ["gptj", "chatglm"] {
      let given = try config(#""model_type":"\#(type)","kv_channels":128,"rope_theta":500000"#)
      #expect(given.models.first?.configuration.base == 1e4)
      #expect(given.notes.map(\.key) == ["rope_theta"], "\(type)")
      #expect(try config(#""model_type":"\#(type)","kv_channels":128,"rope_theta":10000"#).notes.isEmpty)
    }
  }

  @Test("HunYuan-VL has four axes and a constant change of the base, in both forms of its file")
  func hunyuanVL() throws {
    let rope = #""alpha":1000,"xdrope_section":[16,16,16,16]"#
    let flat = try kind(#""model_type":"hunyuan_vl",\#(heads),"rope_scaling":{"type":"xdrope",\#(rope)}"#)
    let nested = try kind(
      #""model_type":"hunyuan_vl","text_config":{\#(heads),"rope_parameters":{"rope_type":"xdrope","type":"xdrope",\#(rope)}}"#
    )
    #expect(flat.configuration == nested.configuration)
    #expect(flat.configuration.axes == .sections([16, 16, 16, 16]) && flat.configuration.pairing == .half)
    #expect(flat.configuration.scaling == .ntk(alpha: 1000))
    #expect(try Plan(flat.configuration).pairs.map(\.axis) == (0..<64).map { $0 / 16 })
  }

  @Test("DINOv3 counts patches of its image from the middle, and moves them in training only")
  func dinoV3() throws {
    let keys =
      #""model_type":"dinov3_vit","image_size":518,"patch_size":14,"pos_embed_rescale":2.0,"pos_embed_shift":null"#
    let read = try config(keys)
    #expect(read.models.first?.configuration.scaling == .normalized(extent: 37))
    #expect(read.models.first?.configuration.axes == .blocks([32, 32]))
    #expect(
      read.notes.map(\.description) == ["pos_embed_rescale 2 is ignored: it moves coordinates only in training"])
  }

  @Test("ChatGLM-6B has two position axes, each with half of the head")
  func firstChatGLM() throws {
    let first = try kind(#""model_type":"chatglm","position_encoding_2d":true"#).configuration
    #expect(first.axes == .slices([64, 64]) && first.pairing == .half && first.rotaryDimension == 128)
  }

  @Test("Hunyuan's dynamic with alpha is static; alpha means nothing to Llama")
  func alpha() throws {
    let keys = #""rope_scaling":{"type":"dynamic","alpha":1000,"factor":1}"#
    #expect(try kind(#""model_type":"hunyuan_v1_dense",\#(keys)"#).configuration.scaling == .ntk(alpha: 1000))
    #expect(
      try kind(#""model_type":"llama",\#(keys)"#).configuration.scaling
        == .dynamic(factor: 1, maxPositionEmbeddings: 2048))
  }

  @Test("A base left to the class is the class's, and noted: Cohere has 500000, its checkpoint 8000000")
  func classDefault() throws {
    let cohere = try config(#""model_type":"cohere","num_attention_heads":64,"hidden_size":8192"#)
    #expect(cohere.models.first?.configuration.base == 5e5)
    #expect(cohere.models.first?.configuration.pairing == .interleaved)
    #expect(
      cohere.defaults.map { "\($0.key) \($0.value) \($0.source)" }.contains(
        "rope_theta 500000 transformers 5.23.0, CohereConfig"))
  }

  @Test("no_rope_layers: 1 rotates", arguments: ["smollm3", "llama4_text"])
  func noRopeLayers(_ type: String) throws {
    let text = #""model_type":"\#(type)","num_hidden_layers":4,"no_rope_layers":[0,1,1,0]"#
    #expect(try kind("rope", of: text).layers == [1, 2])
    #expect(try kind("nope", of: text).layers == [0, 3])
    #expect(try kind("nope", of: text).configuration.rotaryDimension == 0)
    let interval = #""model_type":"\#(type)","num_hidden_layers":4"#
    #expect(try kind("nope", of: interval).layers == [3])
  }

  @Test("Command-R7B rotates its sliding layers only")
  func cohere2() throws {
    let text = #""model_type":"cohere2","num_hidden_layers":8"#
    #expect(try kind("rope", of: text).layers == [0, 1, 2, 4, 5, 6])
    #expect(try kind("nope", of: text).layers == [3, 7])
  }

  @Test("The rotary dimension is a float64 product, truncated")
  func truncation() throws {
    let text = #""model_type":"glm","num_attention_heads":8,"head_dim":100,"partial_rotary_factor":0.29"#
    #expect(try kind(text).configuration.rotaryDimension == 28)
  }

  @Test("Qwen2-VL's sections are contiguous, Qwen3-VL's interleaved, ERNIE's turned to (time, height, width)")
  func sections() throws {
    #expect(try kind(#""model_type":"qwen2_vl""#).configuration.axes == .sections([16, 24, 24]))
    #expect(
      try kind(#""model_type":"qwen3_vl","text_config":{}"#).configuration.axes == .interleavedSections([24, 20, 20]))
    let ernie = #""model_type":"ernie4_5_vl_moe_text","head_dim":128"#
    #expect(try kind(ernie).configuration.axes == .alternatingSections([20, 22, 22]))
  }

  @Test("Falcon with ALiBi does not rotate")
  func falcon() throws {
    #expect(try kind(#""model_type":"falcon","alibi":true"#).configuration.rotaryDimension == 0)
    #expect(
      try kind(
        #""model_type":"falcon","new_decoder_architecture":true,"num_attention_heads":8,"hidden_size":512,"num_kv_heads":2"#
      ).heads?.key == 2)
  }

  private func yarn(_ text: String) throws -> FrequencyScaling.YaRN {
    guard case .yarn(let yarn) = try kind(text).configuration.scaling else { throw NotYaRN() }
    return yarn
  }

  private struct NotYaRN: Error {}
}
