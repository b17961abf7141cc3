public import Models
import RoPE

/// A case and the position of each of its tokens: what a golden is generated from.
public struct Recipe: Sendable {
  /// The case.
  public let goldenCase: Case
  /// `[axes, batch, sequence]`, or `[axes, tokens]` if packed.
  public let positions: [Int64]

  /// The length of a call: the largest position plus one, at least 1.
  public static func length(_ positions: [Int64]) -> Int { Int(max(positions.max() ?? 0, 0)) + 1 }
}

extension Recipe {
  /// What a rotating call can be: an element type, a contract, and the type of its table.
  typealias Kind = (type: ElementType, contract: Contract, table: ElementType?)

  /// The cases of a model, in the order in which its file holds them.
  ///
  /// The models that this suite began with are run through everything. Of the others, whose kernels are the same, the
  /// conventions are asked: what sets them apart, far positions, and two placements in memory that the name picks.
  public static func all(for model: Model, tier: FixtureGenerator.Tier = .committed) -> [Recipe] {
    let committed =
      thoroughModels.contains(model.name)
      ? model.configuration.rotaryDimension == 0 ? unrotated(model) : thorough(model)
      : model.configuration.rotaryDimension == 0 ? copies(model) : brief(model)
    return tier == .committed ? committed : committed + long(model)
  }

  /// The models whose cases are all workloads in most kinds.
  static let thoroughModels = ["chatglm3-6b", "glm-4-9b-chat", "glm-4.5", "llama-2-7b", "gpt2"]

  /// Every kind of rotating call, in an order in which neighbours differ in all respects.
  static let kinds: [Kind] = [
    (.float32, .position, nil), (.bfloat16, .table, .bfloat16), (.float16, .frequency, nil),
    (.float32, .table, .float32), (.bfloat16, .position, nil), (.float16, .table, .float32),
    (.float32, .frequency, nil), (.bfloat16, .table, .float32), (.float16, .position, nil),
    (.bfloat16, .frequency, nil), (.float16, .table, .float16),
  ]

  /// Workloads that change only what lies where.
  static let placements: [PlacedWorkload] = [
    .headsGrouped, .headsUneven, .batch, .batchDecode, .batchLeftPadded, .ragged, .fusedInPlace, .fused, .headsFirst,
    .headsFirstInPlace, .inPlace, .misaligned, .channelsApart, .raggedOffsetPadded,
  ]

  /// A case of a model.
  static func recipe(_ model: Model, _ placed: PlacedWorkload, _ kind: Kind) -> Recipe {
    Recipe(
      goldenCase: Case(
        model: model.name, configuration: model.configuration, workload: placed.workload, elementType: kind.type,
        contract: kind.contract, tableType: kind.table),
      positions: placed.positions(axisCount: model.configuration.axes.count))
  }

  /// A model without RoPE: copies, wherever they lie.
  private static func unrotated(_ model: Model) -> [Recipe] {
    let workloads: [PlacedWorkload] = [
      .singleToken, .prompt, .batch, .ragged, .fusedInPlace, .headsFirst, .inPlace, .misaligned, .channelsApart,
      .nonFinite,
    ]
    return workloads.flatMap { workload in
      ElementType.allCases.map { recipe(model, workload, ($0, .unrotated, nil)) }
    }
  }
}
