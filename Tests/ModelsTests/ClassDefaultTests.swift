import Models
import RoPE
import Testing

/// The convention of each class if a file gives only its model type, as in the configuration files of transformers
/// 5.23.0 and diffusers 0.42.1.
@Suite struct ClassDefaultTests {
  /// Model type; rotary and head dimension; base; query and key heads.
  static let classes: [(type: String, dimensions: [Int], base: Double, heads: [Int])] = [
    ("llama", [128, 128], 1e4, [32, 32]),
    ("mistral", [128, 128], 1e4, [32, 8]),
    ("mixtral", [128, 128], 1e6, [32, 8]),
    ("qwen2", [128, 128], 1e4, [32, 32]),
    ("qwen3", [128, 128], 1e4, [32, 32]),
    ("olmo", [128, 128], 1e4, [32, 32]),
    ("olmo2", [128, 128], 1e4, [32, 32]),
    ("gpt_oss", [64, 64], 1.5e5, [64, 8]),
    ("minimax", [128, 128], 1e6, [32, 8]),
    ("minimax_m2", [128, 128], 5e6, [48, 8]),
    ("minimax_text_01", [128, 128], 1e6, [32, 8]),
    ("cohere", [128, 128], 5e5, [64, 64]),
    ("ernie4_5", [128, 128], 5e5, [16, 2]),
    ("ernie4_5_vl_moe_text", [128, 128], 5e5, [20, 4]),
    ("hunyuan_v1_dense", [128, 128], 1e4, [32, 32]),
    ("falcon", [64, 64], 1e4, [71, 1]),
    ("phi3", [96, 96], 1e4, [32, 32]),
    ("gptj", [64, 256], 1e4, [16, 16]),
    ("gpt_neox", [24, 96], 1e4, [64, 64]),
    ("stablelm", [20, 80], 1e4, [32, 32]),
    ("persimmon", [32, 64], 1e4, [64, 64]),
    ("nemotron", [64, 128], 1e4, [48, 48]),
    ("glm", [64, 128], 1e4, [32, 2]),
    ("glm4", [64, 128], 1e4, [32, 2]),
    ("deepseek_v2", [64, 192], 1e4, [32, 32]),
    ("deepseek_v3", [64, 192], 1e4, [128, 128]),
    ("glm_moe_dsa", [64, 256], 1e4, [64, 64]),
    ("gemma", [256, 256], 1e4, [16, 16]),
    ("gemma2", [256, 256], 1e4, [8, 4]),
    ("gemma3_text", [256, 256], 1e6, [8, 4]),
    ("gemma4_text", [512, 512], 1e6, [8, 4]),
    ("olmo3", [128, 128], 5e5, [32, 32]),
    ("smollm3", [128, 128], 2e6, [16, 4]),
    ("llama4_text", [128, 128], 5e5, [40, 8]),
    ("cohere2", [128, 128], 1e4, [64, 64]),
    ("qwen2_vl_text", [128, 128], 1e6, [64, 8]),
    ("qwen2_5_vl_text", [128, 128], 1e6, [64, 8]),
    ("qwen3_vl_text", [128, 128], 5e5, [32, 32]),
    ("qwen3_vl_moe_text", [128, 128], 5e5, [16, 16]),
    ("qwen3_5_text", [64, 256], 1e4, [16, 4]),
    ("qwen2_vl_vision", [80, 80], 1e4, [16, 16]),
    ("qwen2_5_vl_vision", [224, 224], 1e4, [16, 16]),
    ("qwen3_vl_vision", [72, 72], 1e4, [16, 16]),
    ("glm4v_vision", [128, 128], 1e4, [12, 12]),
    ("ernie4_5_vl_moe_vision", [80, 80], 1e4, [16, 16]),
    ("pixtral", [64, 64], 1e4, [16, 16]),
    ("gemma4_vision", [64, 64], 100, [12, 12]),
    ("llama4_vision_model", [48, 48], 1e4, [16, 16]),
    ("kimi_k25_vision", [72, 72], 1e4, [16, 16]),
    ("dinov3_vit", [64, 64], 100, [6, 6]),
    ("qwen3_moe", [64, 64], 1e4, [32, 4]),
    ("qwen2_moe", [128, 128], 1e4, [16, 16]),
    ("qwen3_next", [64, 256], 1e4, [16, 2]),
    ("phi", [32, 64], 1e4, [32, 32]),
    ("olmoe", [128, 128], 1e4, [16, 16]),
    ("flex_olmo", [128, 128], 5e5, [32, 32]),
    ("granite", [128, 128], 1e4, [32, 32]),
    ("granitemoe", [128, 128], 1e4, [32, 32]),
    ("gemma3n_text", [256, 256], 1e6, [8, 2]),
    ("glm4_moe_lite", [64, 256], 1e4, [20, 20]),
    ("deepseek_v32", [64, 192], 1e4, [128, 128]),
    ("hunyuan_v1_moe", [128, 128], 1e4, [32, 32]),
    ("ernie4_5_moe", [128, 128], 5e5, [20, 4]),
    ("exaone4", [128, 128], 1e4, [32, 32]),
    ("afmoe", [128, 128], 1e4, [16, 16]),
    ("seed_oss", [128, 128], 1e4, [80, 8]),
    ("starcoder2", [128, 128], 1e4, [24, 2]),
    ("arcee", [80, 80], 1e4, [32, 32]),
    ("apertus", [128, 128], 1.2e7, [32, 32]),
    ("cwm", [128, 128], 1e6, [48, 8]),
    ("helium", [128, 128], 1e5, [20, 20]),
    ("ministral", [128, 128], 1e4, [32, 8]),
    ("dots1", [144, 144], 1e4, [32, 32]),
    ("hy_v3", [128, 128], 11_158_840, [64, 8]),
    ("solar_open", [128, 128], 1e6, [64, 8]),
    ("FluxTransformer2DModel", [128, 128], 1e4, [24, 24]),
    ("WanTransformer3DModel", [128, 128], 1e4, [40, 40]),
  ]

  @Test("A model type alone has its class's geometry and base", arguments: classes.indices)
  func alone(_ index: Int) throws {
    let (type, dimensions, base, heads) = Self.classes[index]
    let key = type.hasSuffix("Model") ? "_class_name" : "model_type"
    let kind = try #require(try config(#""\#(key)":"\#(type)""#).models.first)
    #expect([kind.configuration.rotaryDimension, kind.configuration.headDimension] == dimensions, "\(type)")
    #expect(kind.configuration.base == base, "\(type)")
    #expect(kind.heads?.all == heads, "\(type)")
  }

  @Test("Gemma-4 makes its last layer global, and counts key heads of its own there with attention_k_eq_v")
  func gemma4() throws {
    let text =
      #""model_type":"gemma4_text","num_hidden_layers":2,"layer_types":["sliding_attention","sliding_attention"],"#
      + #""attention_k_eq_v":true,"num_global_key_value_heads":2"#
    #expect(try kind("global", of: text).layers == [1] && kind("local", of: text).layers == [0])
    #expect(try kind("global", of: text).heads?.key == 2 && kind("local", of: text).heads?.key == 4)
  }

  @Test("Qwen3.5's mixture of experts has key heads of its own")
  func qwen35() throws {
    #expect(try kind(#""model_type":"qwen3_5_moe_text""#).heads?.key == 2)
  }

  @Test(
    "Layers of both kinds, where a file does not say which",
    arguments: [("gemma3_text", 26, 6), ("gemma3n_text", 35, 5), ("gemma4_text", 30, 6), ("olmo3", 32, 4)])
  func layers(_ type: String, _ count: Int, _ pattern: Int) throws {
    let global = try kind("global", of: #""model_type":"\#(type)""#).layers
    #expect(global == (0..<count).filter { ($0 + 1) % pattern == 0 })
  }
}
