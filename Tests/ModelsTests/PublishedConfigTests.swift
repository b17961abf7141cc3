import Models
import RoPE
import Testing

/// The values of published config.json files, of families without a bundled model.
@Suite struct PublishedConfigTests {
  struct Published: Sendable {
    let text: String
    var pairing = Pairing.half
    /// Rotary dimension, head dimension.
    let dimensions: [Int]
    let base: Double
    let heads: [Int]
    var scaling = FrequencyScaling.none

    init(
      _ text: String, _ dimensions: [Int], _ base: Double, _ heads: [Int], _ pairing: Pairing = .half,
      _ scaling: FrequencyScaling = .none
    ) {
      self.text = text
      self.dimensions = dimensions
      self.base = base
      self.heads = heads
      self.pairing = pairing
      self.scaling = scaling
    }
  }

  static let all = [
    Published(
      #""model_type":"qwen3_moe","hidden_size":2048,"num_attention_heads":32,"num_key_value_heads":4,"head_dim":128,"rope_theta":1000000.0,"rope_scaling":null,"max_position_embeddings":40960"#,
      [128, 128], 1e6, [32, 4]),
    Published(
      #""model_type":"qwen2_moe","hidden_size":2048,"num_attention_heads":16,"num_key_value_heads":16,"rope_theta":1000000.0"#,
      [128, 128], 1e6, [16, 16]),
    Published(
      #""model_type":"qwen3_next","hidden_size":2048,"num_attention_heads":16,"num_key_value_heads":2,"head_dim":256,"partial_rotary_factor":0.25,"rope_theta":10000000,"rope_scaling":null"#,
      [64, 256], 1e7, [16, 2]),
    // 0.4 of 80 channels.
    Published(
      #""model_type":"phi","hidden_size":2560,"num_attention_heads":32,"num_key_value_heads":32,"partial_rotary_factor":0.4,"rope_theta":10000.0"#,
      [32, 80], 1e4, [32, 32]),
    Published(
      #""model_type":"olmoe","hidden_size":2048,"num_attention_heads":16,"num_key_value_heads":16,"rope_theta":10000.0"#,
      [128, 128], 1e4, [16, 16]),
    Published(
      #""model_type":"flex_olmo","hidden_size":4096,"num_attention_heads":32,"num_key_value_heads":32,"rope_theta":500000"#,
      [128, 128], 5e5, [32, 32]),
    Published(
      #""model_type":"granite","hidden_size":4096,"num_attention_heads":32,"num_key_value_heads":8,"rope_theta":10000000.0"#,
      [128, 128], 1e7, [32, 8]),
    Published(
      #""model_type":"granitemoe","hidden_size":1536,"num_attention_heads":24,"num_key_value_heads":8,"rope_theta":10000.0"#,
      [64, 64], 1e4, [24, 8]),
    Published(
      #""model_type":"glm4_moe_lite","num_attention_heads":20,"num_key_value_heads":20,"qk_nope_head_dim":192,"qk_rope_head_dim":64,"rope_theta":1000000,"rope_scaling":null"#,
      [64, 256], 1e6, [20, 20], .interleaved),
    // The scaling changes the base by a constant.
    Published(
      #""model_type":"hunyuan_v1_moe","hidden_size":4096,"num_attention_heads":32,"num_key_value_heads":8,"head_dim":128,"rope_theta":10000.0,"rope_scaling":{"type":"dynamic","alpha":1000.0,"factor":1.0}"#,
      [128, 128], 1e4, [32, 8], .half, .ntk(alpha: 1000)),
    Published(
      #""model_type":"ernie4_5_moe","hidden_size":2560,"num_attention_heads":20,"num_key_value_heads":4,"rope_theta":500000.0"#,
      [128, 128], 5e5, [20, 4], .interleaved),
    Published(
      #""model_type":"seed_oss","hidden_size":5120,"num_attention_heads":80,"num_key_value_heads":8,"head_dim":128,"rope_theta":10000000.0,"rope_scaling":{"rope_type":"default"}"#,
      [128, 128], 1e7, [80, 8]),
    Published(
      #""model_type":"starcoder2","hidden_size":6144,"num_attention_heads":48,"num_key_value_heads":4,"rope_theta":100000"#,
      [128, 128], 1e5, [48, 4]),
    Published(
      #""model_type":"arcee","hidden_size":2560,"num_attention_heads":20,"num_key_value_heads":4,"head_dim":128,"rope_theta":10000,"rope_scaling":{"type":"yarn","factor":20.0,"original_max_position_embeddings":4096}"#,
      [128, 128], 1e4, [20, 4], .half,
      .yarn(FrequencyScaling.YaRN(factor: 20, originalMaxPositionEmbeddings: 4096))),
    // The class applies its scaling if the file has no rotary parameters.
    Published(
      #""model_type":"apertus","hidden_size":4096,"num_attention_heads":32,"num_key_value_heads":8"#, [128, 128], 1.2e7,
      [32, 8], .half,
      .llama3(
        FrequencyScaling.Llama3(
          factor: 8, lowFreqFactor: 1, highFreqFactor: 4, originalMaxPositionEmbeddings: 8192))),
    Published(
      #""model_type":"cwm","hidden_size":6144,"num_attention_heads":48,"num_key_value_heads":8,"head_dim":128"#,
      [128, 128], 1e6, [48, 8], .half,
      .llama3(
        FrequencyScaling.Llama3(
          factor: 16, lowFreqFactor: 1, highFreqFactor: 4, originalMaxPositionEmbeddings: 8192))),
    Published(
      #""model_type":"helium","hidden_size":2560,"num_attention_heads":20,"num_key_value_heads":20,"head_dim":128,"rope_theta":100000.0"#,
      [128, 128], 1e5, [20, 20], .interleaved),
    Published(
      #""model_type":"ministral","hidden_size":4096,"num_attention_heads":32,"num_key_value_heads":8,"head_dim":128,"rope_theta":100000000.0"#,
      [128, 128], 1e8, [32, 8]),
    Published(
      #""model_type":"dots1","hidden_size":4096,"num_attention_heads":32,"num_key_value_heads":32,"head_dim":128,"rope_theta":10000000"#,
      [128, 128], 1e7, [32, 32]),
  ]

  @Test("Geometry, base, pairing and scaling", arguments: all.indices)
  func oneKind(_ index: Int) throws {
    let published = Self.all[index], kind = try kind(published.text), configuration = kind.configuration
    #expect(configuration.pairing == published.pairing, "\(published.text)")
    #expect([configuration.rotaryDimension, configuration.headDimension] == published.dimensions, "\(published.text)")
    #expect(configuration.base == published.base, "\(published.text)")
    #expect(kind.heads?.all == published.heads, "\(published.text)")
    #expect(configuration.scaling == published.scaling, "\(published.text)")
  }

  @Test("GLM-4.7-Flash reads interleaved pairs of the last channels and writes halves, unless it says otherwise")
  func glm47Flash() throws {
    let text = #""model_type":"glm4_moe_lite""#
    let (mixed, plain) = try (kind(text).configuration, kind(text + #","rope_interleave":false"#).configuration)
    #expect(mixed.outputPairing == .half && mixed.rotaryOffset == 192)
    #expect(plain.pairing == .half && plain.outputPairing == .half)
  }

  @Test("DeepSeek-V3.2's indexer rotates the first channels in halves, by the frequencies of the attention")
  func deepSeekV32() throws {
    let text =
      #""model_type":"deepseek_v32","rope_theta":10000,"rope_scaling":{"type":"yarn","factor":40,"original_max_position_embeddings":4096,"mscale":1.0,"mscale_all_dim":1.0}"#
    let (attention, indexer) = try (kind("attention", of: text), kind("indexer", of: text))
    #expect(attention.configuration.pairing == .interleaved && attention.configuration.outputPairing == .half)
    #expect(attention.configuration.rotaryOffset == 128 && attention.configuration.headDimension == 192)
    #expect(indexer.configuration.pairing == .half && indexer.configuration.outputPairing == .half)
    #expect(indexer.configuration.rotaryOffset == 0 && indexer.configuration.headDimension == 128)
    #expect(indexer.heads?.all == [64, 1])
    #expect(attention.configuration.scaling == indexer.configuration.scaling && attention.configuration.base == 1e4)
  }

  @Test("EXAONE-4 rotates its sliding layers alone, and all of them where it has no window")
  func exaone4() throws {
    let hybrid = #""model_type":"exaone4","num_hidden_layers":4,"sliding_window":4096,"rope_theta":1000000"#
    #expect(try kind("rope", of: hybrid).layers == [0, 1, 2] && kind("nope", of: hybrid).layers == [3])
    let global = try config(#""model_type":"exaone4","num_hidden_layers":4,"sliding_window":null,"rope_theta":1000000"#)
    #expect(global.models.map(\.kind) == ["rope"] && global.models.first?.layers == [0, 1, 2, 3])
    #expect(global.models.first?.configuration.base == 1e6)
  }

  @Test("Trinity's layers of full attention do not rotate")
  func afmoe() throws {
    let text = #""model_type":"afmoe","num_hidden_layers":4,"global_attn_every_n_layers":2"#
    #expect(try kind("rope", of: text).layers == [0, 2] && kind("nope", of: text).layers == [1, 3])
  }

  @Test("Gemma-3n has every fifth layer global, and a base for each kind")
  func gemma3n() throws {
    let text =
      #""model_type":"gemma3n","text_config":{"num_hidden_layers":5,"rope_theta":1000000.0,"rope_local_base_freq":20000.0,"rope_scaling":null}"#
    let (global, local) = try (kind("global", of: text), kind("local", of: text))
    #expect(global.configuration.base == 1e6 && global.layers == [4])
    #expect(local.configuration.base == 2e4 && local.heads?.key == 2)
  }
}
