import Models
import RoPE

extension Recipe {
  /// Every workload in most kinds of call. Workloads that change only what lies where have two kinds for each model, as
  /// the models together run ten of the eleven through each.
  static func thorough(_ subject: NamedConvention) -> [Recipe] {
    // Another start per model and workload, so that the models together cover the kinds.
    let start = 2 * (thoroughModels.firstIndex(of: subject.name) ?? 0)
    func some(_ count: Int, _ workload: PlacedWorkload, _ index: Int) -> [Recipe] {
      (0..<count).map { recipe(subject, workload, kinds[(start + 3 * index + $0) % kinds.count]) }
    }
    var recipes = kinds.map { recipe(subject, .singleToken, $0) } + kinds.map { recipe(subject, .prompt, $0) }
    // By a table, one position is as hard as another.
    recipes += kinds.filter { $0.contract == .position || $0.type == .float32 && $0.contract == .frequency }
      .map { recipe(subject, .positionGrid, $0) }
    recipes += some(3, .positionsExtreme, 0)
    for (index, workload) in placements.enumerated() { recipes += some(2, workload, index) }
    recipes += some(1, .batchEqualRows, 1)
    for (index, workload) in [PlacedWorkload.cancellation, .subnormal, .nonFinite].enumerated() {
      recipes += some(3, workload, index)
    }
    if float16TableModels.contains(subject.name) {
      recipes.append(recipe(subject, .prompt, (.float32, .table, .float16)))
    }
    recipes += ElementType.allCases.map { recipe(subject.withoutRoPE, .ropeDisabled, ($0, .unrotated, nil)) }
    if let type = longSequences[subject.name] {
      recipes.append(recipe(subject, .positionPatterns, (.float32, .position, nil)))
      recipes.append(recipe(subject, .backward, (.float32, .position, nil)))
      recipes.append(recipe(subject, .long, (type, .position, nil)))
    }
    return recipes
  }

  /// The long sequence in each pairing once: its cost is in time, not in kinds.
  private static let longSequences: [String: ElementType] = ["glm-4-9b-chat": .float32, "glm-4.5": .bfloat16]
}
