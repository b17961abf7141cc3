import Models
import RoPE
import TestSupport
import Testing

@testable import Goldens
@testable import Models

@Suite("Golden files are read as they were computed") struct RoundTripTests {
  /// Every contract and type of table, and every workload that stores more than Q and K.
  private static let names = [
    "f32/single-token/position", "f32/single-token/table", "f32/single-token/frequency", "bf16/single-token/table",
    "bf16/single-token/table-f32", "f16/single-token/table", "f16/single-token/table-f32",
    "f16/single-token/frequency", "bf16/single-token/position", "f32/rope-disabled/none", "bf16/rope-disabled/none",
  ]

  private static func recipes() throws -> [Recipe] {
    let model = try Model.named("glm-4.5")
    let all = Recipe.all(for: model)
    let placed = ["ragged", "batch-left-padded", "bhsd", "in-place", "channels-apart", "non-finite"]
    return try names.map { try Recipe.bundled("glm-4.5", $0) }
      + placed.compactMap { name in all.first { $0.goldenCase.workload.name == name } } + [
        recipe(.backward, model.convention), recipe(.small, model.convention),
      ]
  }

  /// Three axes, and different pairings in input and output.
  private static let exotic = Convention.configuration(
    Configuration(
      headDimension: 24, rotaryDimension: 16, rotaryOffset: 8, pairing: .interleaved, outputPairing: .half, base: 1e4,
      attentionFactor: 1.25, axes: .sections([3, 3, 2])))

  private static func recipe(
    _ placed: PlacedWorkload, _ convention: Convention, contract: Contract = .position,
    table: ElementType? = nil
  ) -> Recipe {
    Recipe(
      goldenCase: Case(
        model: "glm-4.5", convention: convention, workload: placed.workload, elementType: .float16,
        contract: contract, tableType: table),
      positions: placed.positions(axisCount: convention.axisCount))
  }

  @Test func everyKindOfCase() throws {
    let folder = try TemporaryFolder()
    let recipes = try Self.recipes()
    #expect(recipes.count == Self.names.count + 8, "a workload has no case")
    try check(recipes, path: folder.path("glm.h5"))
  }

  @Test("Another pairing in the output, an offset, an attention factor, and several axes", arguments: [false, true])
  func exoticConfiguration(isPacked: Bool) throws {
    let folder = try TemporaryFolder()
    let placed = isPacked ? PlacedWorkload.ragged : .batch
    try check(
      [
        Self.recipe(placed, Self.exotic), Self.recipe(placed, Self.exotic, contract: .table, table: .float32),
        Self.recipe(placed, Self.exotic, contract: .frequency),
      ], path: folder.path("exotic.h5"))
  }

  @Test func sameRecipesGiveTheSameBytes() throws {
    let folder = try TemporaryFolder()
    let model = try Model.named("glm-4.5")
    for name in ["a", "b"] { _ = try GoldenWriter.write(try Self.recipes(), of: model, to: folder.path(name)) }
    #expect(try folder.bytes("a") == folder.bytes("b"))
  }

  private func check(_ recipes: [Recipe], path: String) throws {
    let model = try Model.named("glm-4.5")
    let entries = try GoldenWriter.write(recipes, of: model, to: path)
    #expect(entries.map(\.name) == recipes.map(\.goldenCase.name))
    for recipe in recipes {
      let name = recipe.goldenCase.name
      let read = try GoldenReader.read(caseNamed: name, from: path)
      #expect(try read.isIdentical(to: Golden(storing: recipe)), "\(name)")
    }
  }
}

extension PlacedWorkload {
  /// Sampled, and short enough for a test.
  fileprivate static let small = PlacedWorkload(
    Workload("small", .largeSequence, sequence: 37, heads: (2, 1), isSampled: true), Array(0..<37))
}
