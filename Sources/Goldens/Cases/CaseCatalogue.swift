import Models
import RoPE

/// A case and the position of each of its tokens, from which a golden is generated.
package struct Recipe: Sendable {
  /// The case.
  package let goldenCase: Case
  /// The position of each token.
  package let positions: Positions
  /// The position of each token of K, where K has tokens of its own.
  package let keyPositions: Positions?
  /// Under the table contract, the positions of the rows of a cache of cosines and sines; nil for a table with a row for
  /// each distinct position of the tokens.
  let cache: Range<Int64>?

  init(goldenCase: Case, positions: Positions, keyPositions: Positions? = nil, cache: Range<Int64>? = nil) {
    self.goldenCase = goldenCase
    self.positions = positions
    self.keyPositions = keyPositions
    self.cache = cache
  }

  /// The length of the call, on which the formula of a scaling can depend.
  var length: Int { max(positions.length, keyPositions?.length ?? 1) }
}

extension Recipe {
  /// A kind of rotating call: an element type, a contract, and the type of its table.
  typealias Kind = (type: ElementType, contract: Contract, table: ElementType?)

  /// The cases of a model, in the order of its file.
  ///
  /// The models that this suite began with have nearly every workload in most kinds of call. The others, whose kernels
  /// are the same, have the cases that set their conventions apart, far positions, and one placement in memory, which
  /// depends on the name.
  package static func all(for model: Model, tier: FixtureGenerator.Tier = .committed) -> [Recipe] {
    let rotates = model.convention.rotaryDimension > 0
    let committed =
      isThorough(model)
      ? rotates ? thorough(model) : unrotated(model)
      : rotates ? brief(model) : copies(model)
    return tier == .committed ? committed : committed + long(model)
  }

  /// The models that have all workloads in most kinds of call.
  static let thoroughModels = ["chatglm3-6b", "glm-4-9b-chat", "glm-4.5", "llama-2-7b", "gpt2"]

  /// Indicates whether a model is one of ``thoroughModels``, and not another convention under such a name.
  private static func isThorough(_ model: Model) -> Bool {
    guard thoroughModels.contains(model.name), let bundled = try? Model.named(model.name) else { return false }
    return model.convention == bundled.convention
  }

  /// Every kind of rotating call, ordered so that neighbours differ in all respects.
  static let kinds: [Kind] = [
    (.float32, .position, nil), (.bfloat16, .table, .bfloat16), (.float16, .frequency, nil),
    (.float32, .table, .float32), (.bfloat16, .position, nil), (.float16, .table, .float32),
    (.float32, .frequency, nil), (.bfloat16, .table, .float32), (.float16, .position, nil),
    (.bfloat16, .frequency, nil), (.float16, .table, .float16),
  ]

  /// Workloads that vary only the arrangement of heads, tokens and memory.
  static let placements: [PlacedWorkload] = [
    .headsGrouped, .headsUneven, .batch, .batchDecode, .batchLeftPadded, .ragged, .fusedInPlace, .fused, .headsFirst,
    .headsFirstInPlace, .inPlace, .misaligned, .channelsApart, .raggedOffsetPadded,
  ]

  /// A case of a convention.
  static func recipe(_ model: Model, _ placed: PlacedWorkload, _ kind: Kind) -> Recipe {
    Recipe(
      goldenCase: Case(
        model: model.name, convention: model.convention, workload: placed.workload, elementType: kind.type,
        contract: kind.contract, tableType: kind.table),
      positions: placed.positions(axisCount: model.convention.axisCount))
  }

  /// The cases of a model without RoPE: copies in many placements.
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

extension Recipe {
  /// The cases that set a convention apart, once in each contract and element type.
  static func brief(_ model: Model) -> [Recipe] {
    // The model's name picks the placement, so that a new model in the list changes no other file.
    let pick = model.name.utf8.reduce(0) { 31 &* $0 &+ Int($1) } & 0xFFFF
    var recipes = [
      recipe(model, .prompt, (.float32, .position, nil)),
      recipe(model, .prompt, (.bfloat16, .table, .bfloat16)),
      recipe(model, .prompt, (.float16, .frequency, nil)),
      recipe(model, .far, (.float32, .position, nil)),
      recipe(model, placements[pick % placements.count], kinds[pick % kinds.count]),
    ]
    if hasTranspose(model.convention) {
      recipes += [(.float32, .position, nil), (.bfloat16, .table, .float32)].map { recipe(model, .backward, $0) }
    }
    if case .normalized(let extent) = model.convention.scaling {
      recipes += [(.float32, .position, nil), (.bfloat16, .table, .float32), (.float16, .frequency, nil)]
        .map { recipe(model, .patches(of: extent), $0) }
    }
    if float16TableModels.contains(model.name) {
      recipes += [.float16, .float32].map { recipe(model, .prompt, ($0, .table, .float16)) }
    }
    for length in switchLengths(model.convention.scaling) {
      recipes.append(recipe(model, .length(length), (.float32, .position, nil)))
      recipes.append(recipe(model, .length(length), (.bfloat16, .frequency, nil)))
    }
    return recipes
  }

  /// Models whose own code keeps cosines and sines in float16.
  ///
  /// With float32 inputs, only the table loses precision.
  static let float16TableModels = ["chatglm2-6b", "chatglm3-6b"]

  /// The cases of layers without RoPE in a model whose other layers rotate.
  static func copies(_ model: Model) -> [Recipe] {
    ElementType.allCases.map { recipe(model, .batch, ($0, .unrotated, nil)) }
  }

  /// Longer calls with the model's own heads, for a separate folder; none if the head counts are unknown.
  static func long(_ model: Model) -> [Recipe] {
    guard let heads = model.heads else { return [] }
    let kinds: [Kind] =
      model.convention.rotaryDimension == 0
      ? [(.bfloat16, .unrotated, nil)]
      : [(.float32, .position, nil), (.bfloat16, .position, nil), (.float16, .table, .float32)]
    return kinds.flatMap { kind in
      [PlacedWorkload.fullPrompt(heads), .fullDecode(heads)].map { recipe(model, $0, kind) }
    }
  }

  /// Indicates whether the backward pass is easy to get wrong: outputs are paired differently from inputs, or an
  /// attention factor multiplies them.
  private static func hasTranspose(_ convention: Convention) -> Bool {
    !convention.isPairedAlike || !convention.attentionFactor.isOne
  }

  /// Both sides of the length at which a scaling changes its formula.
  private static func switchLengths(_ scaling: FrequencyScaling) -> [Int] {
    switch scaling {
    // For a length of 1, the last two are the same.
    case .dynamic(_, let length): Set([length, length + 1, 2 * length]).sorted()
    case .longrope(let longrope):
      [-1, 0, 1].map { longrope.originalMaxPositionEmbeddings + $0 }
    default: []
    }
  }
}

extension Recipe {
  /// Every workload in most kinds of call.
  ///
  /// Each of ``placements`` has two kinds for each model, because the models together then run ten of the eleven kinds.
  static func thorough(_ model: Model) -> [Recipe] {
    // The start differs per model and workload, so that the models together cover the kinds.
    let start = 2 * (thoroughModels.firstIndex(of: model.name) ?? 0)
    func some(_ count: Int, _ workload: PlacedWorkload, _ index: Int) -> [Recipe] {
      (0..<count).map { recipe(model, workload, kinds[(start + 3 * index + $0) % kinds.count]) }
    }
    var recipes = kinds.map { recipe(model, .singleToken, $0) } + kinds.map { recipe(model, .prompt, $0) }
    // With a table, one position is as hard as another.
    recipes += kinds.filter { $0.contract == .position || $0.type == .float32 && $0.contract == .frequency }
      .map { recipe(model, .positionGrid, $0) }
    recipes += some(3, .positionsExtreme, 0)
    for (index, workload) in placements.enumerated() { recipes += some(2, workload, index) }
    recipes += some(1, .batchEqualRows, 1)
    for (index, workload) in [PlacedWorkload.cancellation, .subnormal, .nonFinite].enumerated() {
      recipes += some(3, workload, index)
    }
    if float16TableModels.contains(model.name) {
      recipes.append(recipe(model, .prompt, (.float32, .table, .float16)))
    }
    recipes += ElementType.allCases.map { recipe(model.withoutRoPE, .ropeDisabled, ($0, .unrotated, nil)) }
    if let type = longSequences[model.name] {
      recipes.append(recipe(model, .positionPatterns, (.float32, .position, nil)))
      recipes.append(recipe(model, .backward, (.float32, .position, nil)))
      recipes.append(recipe(model, .long, (type, .position, nil)))
    }
    return recipes
  }

  /// The models that run the long sequence, one for each pairing: it costs time, and needs no further kinds.
  private static let longSequences: [String: ElementType] = ["glm-4-9b-chat": .float32, "glm-4.5": .bfloat16]
}
