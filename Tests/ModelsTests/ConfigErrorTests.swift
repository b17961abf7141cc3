import Foundation
import Models
import RoPE
import Testing

/// The error for a wrong file is one line with the file, the key and the value.
@Suite struct ConfigErrorTests {
  private static let llama = #""model_type":"llama","hidden_size":256,"num_attention_heads":4"#

  static let messages: [(text: String, message: String)] = [
    (#""hidden_size":256"#, "model_type is missing: the family decides the convention"),
    (
      #""model_type":"llamma""#,
      #"model_type "llamma": the rotary convention of this model type is not known; nearest: llama, llama4, "#
        + "llava; 'list --model-types' shows all names"
    ),
    (#""model_type":5"#, "model_type 5: must be a string"),
    (#"\#(llama),"head_dim":0"#, "head_dim 0: must be at least 1"),
    (#"\#(llama),"head_dim":1e15"#, "head_dim 1000000000000000: must be at most 65536"),
    (
      #""model_type":"llama","hidden_size":1e15,"num_attention_heads":1"#,
      "hidden_size 1000000000000000: must be at most 65536 channels for each head"
    ),
    (
      #""model_type":"deepseek_v3","qk_nope_head_dim":9e18"#,
      "qk_nope_head_dim 9000000000000000000: must be at most 65536"
    ),
    (
      #""model_type":"gemma3_text","num_hidden_layers":1e15"#,
      "num_hidden_layers 1000000000000000: must be at most 10000"
    ),
    (
      #""model_type":"qwen2","rope_parameters":{"full_attention":{"rope_theta":5}}"#,
      #"rope_parameters {"full_attention": {"rope_theta": 5}}: must be one object, because all layers of this family rotate alike"#
    ),
    (
      #""model_type":"gemma3_text","rope_parameters":{"rope_type":"linear","factor":8}"#,
      "rope_parameters.full_attention is missing: transformers 5.23.0, Gemma3TextConfig reads it for each layer type"
    ),
    (
      #"\#(llama),"partial_rotary_factor":0.5,"rope_scaling":{"type":"linear","factor":8}"#,
      "partial_rotary_factor 0.5: must be 1 with this scaling, because transformers 5.23.0, LlamaConfig rotates the whole head"
    ),
    (
      #""model_type":"gptj","rotary_dim":63"#, "rotary_dim 63: must be even and between 2 and the head dimension 256"
    ),
    (#"\#(llama),"head_dim":63"#, "head_dim 63: must be even, for channels in pairs"),
    (#"\#(llama),"head_dim":1.5"#, "head_dim 1.5: must be an integer"),
    (#"\#(llama),"num_key_value_heads":3"#, "num_key_value_heads 3: must be a divisor of num_attention_heads 4"),
    (
      #""model_type":"llama","hidden_size":255,"num_attention_heads":4"#,
      "hidden_size 255: must be a multiple of num_attention_heads 4"
    ),
    (#"\#(llama),"rope_theta":1"#, "rope_theta 1: must be finite and above 1"),
    (#"\#(llama),"rope_theta":"1e4""#, #"rope_theta "1e4": must be a number"#),
    (
      #"\#(llama),"rope_scaling":{"type":"yarm","factor":2}"#,
      #"rope_scaling.type "yarm": must be one of default, linear, ntk, dynamic, yarn, llama3, longrope, proportional, normalized, su, mrope, axial"#
    ),
    (#"\#(llama),"rope_scaling":{"type":"linear"}"#, "rope_scaling.factor is missing: linear needs it"),
    (#"\#(llama),"rope_scaling":{"factor":2}"#, "rope_scaling.rope_type is missing: it says what factor means"),
    (
      #"\#(llama),"rope_scaling":{"type":"linear","factor":0}"#,
      "rope_scaling.factor 0.0: must be finite and greater than 0"
    ),
    (
      #"\#(llama),"rope_scaling":{"type":"yarn","factor":-4}"#,
      "rope_scaling.factor -4.0: must be finite and greater than 0"
    ),
    (
      #"\#(llama),"rope_scaling":{"type":"linear","rope_type":"yarn","factor":2}"#,
      #"rope_scaling.rope_type "yarn" contradicts rope_scaling.type "linear""#
    ),
    (
      #"\#(llama),"rope_theta":5,"rope_parameters":{"rope_type":"default","rope_theta":6}"#,
      "rope_parameters.rope_theta 6 contradicts rope_theta 5"
    ),
    (
      #"\#(llama),"rope_scaling":{"type":"linear","factor":2},"rope_parameters":{"rope_type":"default"}"#,
      #"rope_scaling {"factor": 2, "type": "linear"} contradicts rope_parameters {"rope_type": "default"}"#
    ),
    (
      #""model_type":"glm4_moe","head_dim":64,"num_attention_heads":4,"num_key_value_heads":2,"partial_rotary_factor":2"#,
      "partial_rotary_factor 2: must be above 0 and at most 1"
    ),
    (
      #""model_type":"glm","head_dim":128,"num_attention_heads":4,"partial_rotary_factor":0.7"#,
      "partial_rotary_factor 0.7: must be a share that leaves an even number of 128 channels, not 89"
    ),
    (#""model_type":"gptj","rotary_dim":512"#, "rotary_dim 512: must be even and between 2 and the head dimension 256"),
    (
      #""model_type":"qwen2_vl","rope_scaling":{"type":"mrope","mrope_section":[16,24,20]},"num_hidden_layers":2"#,
      "rope_scaling.mrope_section [16, 24, 20]: must be 3 lengths that sum to 64 pairs"
    ),
    (
      #""model_type":"phi3","rope_scaling":{"type":"longrope","short_factor":[1],"long_factor":[1]}"#,
      "rope_scaling.short_factor with 1 numbers: must be a list of 48, one for each pair"
    ),
    (
      #""model_type":"llama4","text_config":{"rope_parameters":{"rope_type":"yarn","factor":2,"beta_fast":0.5,"attention_factor":0}}"#,
      "text_config.rope_parameters.attention_factor 0: must be finite and greater than 0"
    ),
    (
      #""model_type":"llama4","text_config":{"rope_parameters":{"rope_type":"yarn","factor":2,"beta_fast":0.5}}"#,
      "text_config.rope_parameters.beta_fast 0.5: must be at least beta_slow, 1.0"
    ),
    (
      #""model_type":"gemma3_text","rope_parameters":{"sliding_attention":{"rope_type":"default"},"full_attention":{"rope_type":"linear","factor":0}}"#,
      "rope_parameters.full_attention.factor 0.0: must be finite and greater than 0"
    ),
    (
      #""model_type":"phi3","num_attention_heads":1,"hidden_size":4,"rope_scaling":{"type":"longrope","short_factor":[1,2],"long_factor":[1,-1]}"#,
      "rope_scaling.long_factor[1] -1.0: must be finite and greater than 0"
    ),
    (
      #""model_type":"llama","num_attention_heads":1000000,"num_key_value_heads":1,"head_dim":128"#,
      "num_attention_heads 1000000: must be at most 512 with 128 channels each, 65536 in all"
    ),
    (
      #""model_type":"deepseek_v3","num_attention_heads":1000"#,
      "num_attention_heads 1000: must be at most 341 with 192 channels each, 65536 in all"
    ),
    (
      #""model_type":"deepseek_v32","index_n_heads":1000"#,
      "index_n_heads 1000: must be at most 512 with 128 channels each, 65536 in all"
    ),
    (
      #""model_type":"deepseek_v32","index_head_dim":32"#, "index_head_dim 32: must be at least qk_rope_head_dim 64"
    ),
    (
      #"\#(llama),"rope_scaling":{"type":"dynamic","factor":2},"max_position_embeddings":1000000000000000000"#,
      "max_position_embeddings 1000000000000000000: must be at most 2^30"
    ),
    (
      #""model_type":"phi3","num_attention_heads":1,"hidden_size":4,"original_max_position_embeddings":2147483648,"#
        + #""rope_scaling":{"type":"longrope","short_factor":[1,2],"long_factor":[1,2]}"#,
      "original_max_position_embeddings 2147483648: must be at most 2^30"
    ),
    (
      #"\#(llama),"rope_scaling":{"type":"yarn","factor":2,"original_max_position_embeddings":1e12}"#,
      "rope_scaling.original_max_position_embeddings 1000000000000: must be at most 2^30"
    ),
    (#"\#(llama),"rope_theta":1e999"#, "rope_theta 1e999: must be a number that float64 can hold"),
    (
      #"\#(llama),"rope_scaling":{"type":"linear","facotr":8}"#,
      "rope_scaling.factor is missing: linear needs it; did you mean `factor`? the file says `facotr`"
    ),
    (
      #"\#(llama),"rope_scaling":{"type":"yarn","factor":8,"beta_fsat":16}"#,
      "rope_scaling.beta_fsat 16: must be left out, or beta_fast if that is meant: nothing reads beta_fsat"
    ),
    (
      #"\#(llama),"rope_thetta":1000000"#,
      "rope_thetta 1000000: must be left out, or rope_theta if that is meant: nothing reads rope_thetta"
    ),
    (
      #""model_type":"gemma3_text","rope_parameters":{"sliding_attention":{"rope_type":"default"},"full_attention":{"rope_type":"yarn","factor":2,"mscale_al_dim":1}}"#,
      "rope_parameters.full_attention.mscale_al_dim 1: must be left out, or mscale_all_dim if that is meant: nothing reads mscale_al_dim"
    ),
    (#"\#(llama),"head_dim":64,"head_dim":64"#, "head_dim is given twice: remove one of them"),
    (
      #"\#(llama),"rope_scaling":{"type":"linear","fac\u0074or":8,"factor":8}"#,
      "rope_scaling.factor is given twice: remove one of them"
    ),
    (
      #""model_type":"smollm3","num_hidden_layers":4,"no_rope_layers":[1,1,0]"#,
      "no_rope_layers with 3 entries: must be a list of 4, one for each layer"
    ),
    (#""model_type":"llama4""#, "text_config is missing: it describes the text part of llama4"),
    (
      #""model_type":"llama4","text_config":{"head_dim":7}"#,
      "text_config.head_dim 7: must be even, for channels in pairs"
    ),
    (
      #""model_type":"hunyuan_vl","rope_scaling":{"type":"xdrope","alpha":1000,"xdrope_section":[16,16,16]}"#,
      "rope_scaling.xdrope_section [16, 16, 16]: must be 2 to 4 lengths that sum to 64 pairs"
    ),
    (
      #""model_type":"dinov3_vit","image_size":8"#, "image_size 8: must be at least patch_size 16"
    ),
    (
      #""model_type":"dinov3_vit","image_size":100000000000"#,
      "image_size 100000000000: must be at most 2^30 times patch_size 16"
    ),
    (
      #""model_type":"dinov3_vit","rope_parameters":{"rope_type":"linear","factor":2}"#,
      #"rope_parameters.rope_type "linear": must be default"#
    ),
    (
      #""model_type":"chatglm","kv_channels":128,"original_rope":false"#,
      "original_rope false: must be true: no published modelling code has the other rule"
    ),
  ]

  @Test("Each mistake is one line that names file, key and value", arguments: messages.indices)
  func mistakes(_ index: Int) {
    let (text, message) = Self.messages[index]
    let error = #expect(throws: ModelConfigError.self, "\(text)") { try config(text) }
    #expect(error?.description == "config.json: \(message)")
  }

  @Test(
    "A file that is not a JSON object is an error",
    arguments: [
      ("{", "not JSON at line 1, column 2: expected a key, found the end of the text"),
      ("", "not JSON at line 1, column 1: expected a value, found the end of the text"),
      ("[1]", "(root) [1]: must be an object"),
    ])
  func notJSON(_ text: String, _ message: String) {
    let error = #expect(throws: ModelConfigError.self) { try ModelConfig(json: Data(text.utf8), file: "x.json") }
    #expect(error?.description == "x.json: \(message)")
  }

  @Test func aFileThatIsNotThereIsAnError() {
    let error = #expect(throws: ModelConfigError.self) { try ModelConfig(contentsOf: "/no/such.json") }
    #expect(error?.description.hasPrefix("/no/such.json: cannot be read: ") == true)
  }
}
