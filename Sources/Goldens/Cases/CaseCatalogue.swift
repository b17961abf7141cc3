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
  public static func all(for model: Model, tier: FixtureGenerator.Tier = .committed) -> [Recipe] {
    all(for: NamedConvention(model), tier: tier)
  }

  /// The cases of a convention, in the order in which its file holds them.
  ///
  /// The models that this suite began with are run through everything. Of the others, whose kernels are the same, the
  /// conventions are asked: what sets them apart, far positions, and two placements in memory that the name picks.
  public static func all(for subject: NamedConvention, tier: FixtureGenerator.Tier = .committed) -> [Recipe] {
    let rotates = subject.convention.rotaryDimension > 0
    let committed =
      isThorough(subject)
      ? rotates ? thorough(subject) : unrotated(subject)
      : rotates ? brief(subject) : copies(subject)
    return tier == .committed ? committed : committed + long(subject)
  }

  /// The models whose cases are all workloads in most kinds.
  static let thoroughModels = ["chatglm3-6b", "glm-4-9b-chat", "glm-4.5", "llama-2-7b", "gpt2"]

  /// Whether it is one of them, and not something else by its name.
  private static func isThorough(_ subject: NamedConvention) -> Bool {
    guard thoroughModels.contains(subject.name), let model = try? Model.named(subject.name) else { return false }
    return subject.convention == .configuration(model.configuration)
  }

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

  /// A case of a convention.
  static func recipe(_ subject: NamedConvention, _ placed: PlacedWorkload, _ kind: Kind) -> Recipe {
    Recipe(
      goldenCase: Case(
        model: subject.name, convention: subject.convention, workload: placed.workload, elementType: kind.type,
        contract: kind.contract, tableType: kind.table),
      positions: placed.positions(axisCount: subject.convention.axisCount))
  }

  /// A model without RoPE: copies, wherever they lie.
  private static func unrotated(_ subject: NamedConvention) -> [Recipe] {
    let workloads: [PlacedWorkload] = [
      .singleToken, .prompt, .batch, .ragged, .fusedInPlace, .headsFirst, .inPlace, .misaligned, .channelsApart,
      .nonFinite,
    ]
    return workloads.flatMap { workload in
      ElementType.allCases.map { recipe(subject, workload, ($0, .unrotated, nil)) }
    }
  }
}
