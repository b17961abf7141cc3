import Models
import RoPE

/// Small computed cases for mistakes that no other case shows, or few.
enum SpecialCases {
  static let recipes: [Recipe] = copies + negative

  /// Signalling NaN, −0 and subnormal numbers in a layer without RoPE, which copies every bit.
  private static let copies: [Recipe] = {
    let model = Model(
      name: "copied-64", source: "made for the suite", convention: .configuration(.withoutRoPE(headDimension: 64)))
    let workload = PlacedWorkload(
      Workload("special-copies", .withRoPE, sequence: 3, heads: (5, 2), pattern: .specialCopies),
      PlacedWorkload.run(5, 3))
    return ElementType.allCases.map { Recipe.recipe(model, workload, ($0, .unrotated, nil)) }
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
