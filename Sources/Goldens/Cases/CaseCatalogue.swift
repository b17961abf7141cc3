public import Models
import RoPE

/// A case and the position of each of its tokens: what a golden is generated from.
public struct Recipe: Sendable {
  public let goldenCase: Case
  /// In row-major order of `[batch, sequence]`, or in packed order.
  public let positions: [Int64]
}

extension Recipe {
  /// The cases of a bundled model, in the order in which its file holds them.
  public static func all(for model: Model) -> [Recipe] {
    model.configuration.rotaryDimension == 0 ? unrotated(model) : rotated(model)
  }

  /// What a rotating call can be: an element type, a contract, and the type of its table.
  private static let kinds: [(ElementType, Contract, ElementType?)] = [
    (.float32, .position, nil), (.bfloat16, .table, .bfloat16), (.float16, .frequency, nil),
    (.float32, .table, .float32), (.bfloat16, .position, nil), (.float16, .table, .float32),
    (.float32, .frequency, nil), (.bfloat16, .table, .float32), (.float16, .position, nil),
    (.bfloat16, .frequency, nil), (.float16, .table, .float16),
  ]

  /// Workloads that change only what lies where: two kinds of call per model are enough, as the models together run
  /// ten of the eleven through each workload.
  private static let placements: [PlacedWorkload] = [
    .headsGrouped, .headsUneven, .batch, .batchDecode, .batchLeftPadded, .ragged, .fusedInPlace, .fused, .headsFirst,
    .headsFirstInPlace, .inPlace, .misaligned, .channelsApart,
  ]

  private static func rotated(_ model: Model) -> [Recipe] {
    // Another start per model and workload, so that the models together cover the kinds.
    let start = 2 * (Model.bundled.firstIndex { $0.name == model.name } ?? 0)
    func some(_ count: Int, _ workload: PlacedWorkload, _ index: Int) -> [Recipe] {
      (0..<count).map { recipe(model, workload, kinds[(start + 3 * index + $0) % kinds.count]) }
    }
    var recipes = kinds.map { recipe(model, .singleToken, $0) } + kinds.map { recipe(model, .prompt, $0) }
    // By a table, one position is as hard as another.
    recipes += kinds.filter { $0.1 == .position || $0.0 == .float32 && $0.1 == .frequency }
      .map { recipe(model, .positionGrid, $0) }
    recipes += some(3, .positionsExtreme, 0)
    for (index, workload) in placements.enumerated() { recipes += some(2, workload, index) }
    recipes += some(1, .batchEqualRows, 1)
    for (index, workload) in [PlacedWorkload.cancellation, .subnormal, .nonFinite].enumerated() {
      recipes += some(3, workload, index)
    }
    recipes += ElementType.allCases.map { recipe(model.withoutRoPE, .ropeDisabled, ($0, .unrotated, nil)) }
    if let type = longSequences[model.name] { recipes.append(recipe(model, .long, (type, .position, nil))) }
    return recipes
  }

  /// The long sequence in each pairing once: its cost is in time, not in kinds.
  private static let longSequences: [String: ElementType] = ["glm-4-9b-chat": .float32, "glm-4.5": .bfloat16]

  private static func unrotated(_ model: Model) -> [Recipe] {
    let workloads: [PlacedWorkload] = [
      .singleToken, .prompt, .batch, .ragged, .fusedInPlace, .headsFirst, .inPlace, .misaligned, .channelsApart,
      .nonFinite,
    ]
    return workloads.flatMap { workload in
      ElementType.allCases.map { recipe(model, workload, ($0, .unrotated, nil)) }
    }
  }

  private static func recipe(
    _ model: Model, _ placed: PlacedWorkload, _ kind: (type: ElementType, contract: Contract, table: ElementType?)
  ) -> Recipe {
    Recipe(
      goldenCase: Case(
        model: model.name, configuration: model.configuration, workload: placed.workload, elementType: kind.type,
        contract: kind.contract, tableType: kind.table),
      positions: placed.positions)
  }
}
