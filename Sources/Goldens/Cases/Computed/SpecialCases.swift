import Models
import RoPE

/// Small computed cases for mistakes that no other case shows, or few.
enum SpecialCases {
  static let recipes: [Recipe] = copies + negative + scalings

  /// Signalling NaN, −0 and subnormal numbers in a layer without RoPE, which copies every bit.
  private static let copies: [Recipe] = {
    let model = Model(
      name: "copied-64", source: "made for the suite", convention: .configuration(.withoutRoPE(headDimension: 64)))
    let workload = PlacedWorkload(
      Workload("special-copies", .withRoPE, sequence: 3, heads: (5, 2), pattern: .specialCopies),
      PlacedWorkload.run(5, 3))
    return ElementType.allCases.map { Recipe.recipe(model, workload, ($0, .unrotated, nil)) }
  }()

  /// Each scaling with other parameters than models have, for implementations that compute the frequencies themselves.
  private static let scalings: [Recipe] = {
    var yarn = FrequencyScaling.YaRN(factor: 6, originalMaxPositionEmbeddings: 700)
    (yarn.betaFast, yarn.betaSlow, yarn.truncate) = (19, 3, false)
    (yarn.mscale, yarn.mscaleAllDim) = (1.3, 0.6)
    let scalings: [(name: String, scaling: FrequencyScaling, factor: Double?)] = [
      ("linear", .linear(factor: 3), nil), ("ntk", .ntk(alpha: 37), nil),
      ("dynamic", .dynamic(factor: 3, maxPositionEmbeddings: 600), nil), ("yarn", .yarn(yarn), nil),
      (
        "llama3",
        .llama3(
          FrequencyScaling.Llama3(
            factor: 5, lowFreqFactor: 2, highFreqFactor: 7, originalMaxPositionEmbeddings: 900)), nil
      ),
      (
        "longrope",
        .longrope(
          FrequencyScaling.LongRoPE(
            shortFactor: (0..<16).map { 1 + Double($0) / 16 }, longFactor: (0..<16).map { 2 + Double($0) / 4 },
            originalMaxPositionEmbeddings: 500, factor: 9)), 1.21
      ),
    ]
    let workload = PlacedWorkload(
      Workload("scaling", .withRoPE, sequence: 5, heads: (3, 2)), [1, 40, 333, 700, 1_601])
    return scalings.map { name, scaling, factor in
      let model = Model(
        name: "\(name)-32", source: "made for the suite",
        convention: .configuration(
          Configuration(
            headDimension: 32, rotaryDimension: 32, pairing: .half, base: 2e4, scaling: scaling,
            attentionFactor: factor)))
      return Recipe.recipe(model, workload, (.float32, .position, nil))
    }
  }()

  /// Positions of both signs on each of three axes.
  private static let negative: [Recipe] = {
    let model = Model(
      name: "three-axes-64", source: "made for the suite",
      convention: .configuration(
        Configuration(
          headDimension: 64, rotaryDimension: 64, pairing: .half, base: 1e4, axes: .sections([8, 12, 12]))))
    let workload = PlacedWorkload(
      Workload("negative-positions", .withRoPE, sequence: 5, heads: (3, 1)), [-3001, -70, 41, -18, 1000])
    let kinds: [Recipe.Kind] = [
      (.float32, .position, nil), (.bfloat16, .table, .float32), (.float16, .frequency, nil),
      (.bfloat16, .position, nil),
    ]
    return kinds.map { Recipe.recipe(model, workload, $0) }
  }()
}
