public import RoPE

/// A model family's convention, with where its values come from.
public struct Model: Sendable {
  /// The name that case names and files use, such as `glm-4-9b-chat`.
  public let name: String
  /// Where the values come from.
  public let source: String
  /// The convention.
  public let configuration: Configuration
}

extension Model {
  /// Every bundled model, in the order in which fixtures are listed.
  public static let bundled: [Model] = [
    Model(
      name: "chatglm3-6b",
      source: "config.json and modeling code of THUDM/chatglm3-6b",
      configuration: Configuration(headDimension: 128, rotaryDimension: 64, pairing: .interleaved, base: 1e4)),
    Model(
      name: "glm-4-9b-chat",
      source: "THUDM/glm-4-9b-chat: rope_ratio 500 multiplies the base 10000; transformers `glm`",
      configuration: Configuration(headDimension: 128, rotaryDimension: 64, pairing: .interleaved, base: 5e6)),
    Model(
      name: "glm-4-9b-0414",
      source: "THUDM/slime scripts/models/glm4-9B.sh; transformers `glm4`",
      configuration: Configuration(headDimension: 128, rotaryDimension: 64, pairing: .interleaved, base: 1e4)),
    Model(
      name: "glm-4.5",
      source: "THUDM/slime scripts/models/glm4.5-355B-A32B.sh; transformers `glm4_moe`",
      configuration: Configuration(headDimension: 128, rotaryDimension: 64, pairing: .half, base: 1e6)),
    Model(
      name: "llama-2-7b",
      source: "meta-llama/Llama-2-7b-hf; transformers 5.23.0 class default, litgpt 0.5.13 litgpt/config.py",
      configuration: Configuration(headDimension: 128, rotaryDimension: 128, pairing: .half, base: 1e4)),
    Model(
      name: "gpt2",
      source: "openai-community/gpt2: learned absolute positions, no rotary embedding",
      configuration: .withoutRoPE(headDimension: 64)),
  ]

  /// The bundled model of a name, or nil where there is none.
  public static func named(_ name: String) -> Model? { bundled.first { $0.name == name } }

  /// The same model with a layer that does not rotate.
  public var withoutRoPE: Model {
    Model(name: name, source: source, configuration: .withoutRoPE(headDimension: configuration.headDimension))
  }
}
