import RoPE

extension Family {
  /// Diffusion transformers of diffusers 0.42.1: interleaved pairing, and a table for each axis.
  static let diffusion: [Family] = [
    Family(
      "FluxTransformer2DModel",
      defaults: ClassDefaults(
        source: "diffusers 0.42.1, FluxTransformer2DModel",
        values: ["attention_head_dim": 128, "num_attention_heads": 24, "axes_dims_rope": [16, 56, 56]])
    ) { config in
      let heads = try config.heads(diffusionHeads)
      let dimensions = try config.needed(
        "axes_dims_rope", config.ints, for: "it gives the number of channels of each axis")
      guard dimensions.count == 3,
        dimensions.allSatisfy({ (2...heads.dimension).contains($0) && $0.isMultiple(of: 2) }),
        dimensions.reduce(0, +) == heads.dimension
      else {
        throw config.invalid(
          "axes_dims_rope", .array(dimensions.map { .number(Double($0)) }),
          "3 even dimensions that sum to attention_head_dim \(heads.dimension)")
      }
      return [diffusionKind(config, heads, dimensions)]
    },
    Family(
      "WanTransformer3DModel",
      defaults: ClassDefaults(
        source: "diffusers 0.42.1, WanTransformer3DModel",
        values: ["attention_head_dim": 128, "num_attention_heads": 40])
    ) { config in
      let heads = try config.heads(diffusionHeads)
      guard heads.dimension >= 6 else {
        throw config.invalid("attention_head_dim", .number(Double(heads.dimension)), "at least 6, for three axes")
      }
      // WanRotaryPosEmbed: height and width have a third each, time has the rest.
      let side = 2 * (heads.dimension / 6)
      return [diffusionKind(config, heads, [heads.dimension - 2 * side, side, side])]
    },
  ]

  private static let diffusionHeads = HeadKeys(key: nil, dimension: "attention_head_dim")

  private static func diffusionKind(
    _ config: ConfigObject, _ heads: HeadGeometry, _ dimensions: [Int]
  ) -> Model {
    config.fixed("theta", 10000, in: config.defaults.source)
    return Model(
      nil,
      Configuration(
        headDimension: heads.dimension, rotaryDimension: heads.dimension, pairing: .interleaved, base: 10000,
        axes: .blocks(dimensions)), heads)
  }
}
