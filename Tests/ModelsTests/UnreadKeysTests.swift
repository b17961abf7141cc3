import Models
import Testing

@Suite struct UnreadKeysTests {
  private func notes(_ text: String) throws -> [String] { try config(text).notes.map(\.description) }

  @Test("A rotary key that nothing reads is noted, wherever it is")
  func noted() throws {
    #expect(
      try notes(
        #""model_type":"llama","rope_scaling":{"type":"linear","factor":2,"finetuned":true,"low_freq_factor":1}"#)
        == [
          "rope_scaling.finetuned true is ignored: nothing in this model's class reads it",
          "rope_scaling.low_freq_factor 1 is ignored: nothing in this model's class reads it",
        ])
    #expect(
      try notes(#""model_type":"llama","rope_parameters":{"rope_type":"default","rope_theta":7},"rope_ratio":2"#)
        == ["rope_ratio 2 is ignored: nothing in this model's class reads it"])
    #expect(
      try notes(
        #""model_type":"gemma3_text","num_hidden_layers":2,"layer_types":["full_attention","full_attention"],"#
          + #""rope_parameters":{"full_attention":{"rope_type":"default","alpha":3},"sliding_attention":{"rope_type":"default"}}"#
      ) == [
        #"rope_parameters.sliding_attention {"rope_type": "default"} is ignored: nothing in this model's class reads it"#,
        "rope_parameters.full_attention.alpha 3 is ignored: nothing in this model's class reads it",
      ])
    #expect(
      try notes(#""model_type":"llama","rope_type":"yarn""#)
        == [#"rope_type "yarn" is ignored: nothing in this model's class reads it"#])
  }

  @Test("Keys that are read, keys without a value and remarks are not noted")
  func silent() throws {
    #expect(
      try notes(
        #""model_type":"qwen2_vl","hidden_size":8192,"rope_scaling":{"type":"mrope","mrope_section":[16,24,24],"#
          + #""factor":null,"_note":1},"rope_theta":1e6,"_rope":2"#) == [])
    for model in try Model.bundled where !["hunyuan-7b", "qwen3-vl-30b-a3b"].contains(model.name) {
      #expect(!model.notes.contains { $0.remark.contains("nothing in this") }, "\(model.name)")
    }
  }
}
