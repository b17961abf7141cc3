import Models
import RoPE
import Testing

/// The two forms of config.json say the same.
@Suite struct ConfigFormTests {
  static let forms: [(old: String, new: String)] = [
    (
      #""model_type":"llama","rope_theta":500000,"rope_scaling":{"type":"linear","factor":8}"#,
      #""model_type":"llama","rope_parameters":{"rope_theta":500000,"rope_type":"linear","factor":8}"#
    ),
    (
      #""model_type":"glm4_moe","head_dim":128,"rope_theta":1000000,"partial_rotary_factor":0.25"#,
      #""model_type":"glm4_moe","head_dim":128,"rope_parameters":{"rope_type":"default","rope_theta":1000000,"partial_rotary_factor":0.25}"#
    ),
    (
      #""model_type":"gpt_neox","rotary_emb_base":5000,"rotary_pct":0.5"#,
      #""model_type":"gpt_neox","rope_parameters":{"rope_theta":5000,"partial_rotary_factor":0.5}"#
    ),
    (
      #""model_type":"gemma3_text","rope_theta":2000000,"rope_local_base_freq":20000,"rope_scaling":{"rope_type":"linear","factor":4},"sliding_window_pattern":2,"num_hidden_layers":4"#,
      #""model_type":"gemma3_text","rope_parameters":{"full_attention":{"rope_type":"linear","factor":4,"rope_theta":2000000},"sliding_attention":{"rope_type":"default","rope_theta":20000}},"layer_types":["sliding_attention","full_attention","sliding_attention","full_attention"]"#
    ),
    (
      #""model_type":"qwen2_vl","rope_scaling":{"type":"mrope","mrope_section":[8,28,28]}"#,
      #""model_type":"qwen2_vl","text_config":{"rope_parameters":{"rope_type":"default","mrope_section":[8,28,28]}}"#
    ),
    (
      #""model_type":"deepseek_v3","rope_theta":50000,"rope_scaling":{"type":"yarn","factor":4,"original_max_position_embeddings":4096,"beta_fast":16,"beta_slow":2,"mscale":1,"mscale_all_dim":0.5,"attention_factor":1.5}"#,
      #""model_type":"deepseek_v3","rope_parameters":{"rope_theta":50000,"rope_type":"yarn","factor":4,"original_max_position_embeddings":4096,"beta_fast":16,"beta_slow":2,"mscale":1,"mscale_all_dim":0.5,"attention_factor":1.5}"#
    ),
  ]

  @Test("Both forms give equal configurations", arguments: forms.indices)
  func equal(_ index: Int) throws {
    let (old, new) = Self.forms[index]
    let (olds, news) = try (config(old).models, config(new).models)
    #expect(olds.map(\.convention) == news.map(\.convention) && olds.map(\.heads) == news.map(\.heads))
    #expect(olds.map(\.kind) == news.map(\.kind) && olds.map(\.layers) == news.map(\.layers))
  }

  @Test("Values that only one form has are not the defaults")
  func read() throws {
    let global = try kind("global", of: Self.forms[3].new), local = try kind("local", of: Self.forms[3].new)
    #expect(global.configuration.base == 2e6 && global.configuration.scaling == .linear(factor: 4))
    #expect(local.configuration.base == 2e4 && local.configuration.scaling == .none)
    #expect(global.layers == [1, 3] && local.layers == [0, 2])
    #expect(try kind(Self.forms[5].old).configuration.attentionFactor == 1.5)
  }

  @Test("A null is a key that is missing, and a file that gives everything takes no default")
  func nulls() throws {
    let null = try config(#""model_type":"llama","rope_scaling":null,"head_dim":null"#)
    #expect(null.models == (try config(#""model_type":"llama""#)).models)
    let whole = #""model_type":"mistral","num_attention_heads":8,"num_key_value_heads":2,"head_dim":64,"rope_theta":7"#
    #expect(try config(whole).defaults.isEmpty)
  }

  @Test("Every default names its key, with the part that it is in")
  func nestedDefaults() throws {
    let defaults = try config(#""model_type":"llama4","text_config":{"num_hidden_layers":8}"#).defaults
    #expect(defaults.map(\.key).contains("text_config.rope_theta"))
    #expect(defaults.allSatisfy { $0.source.hasPrefix("transformers 5.23.0, Llama4TextConfig") })
  }
}
