import Models
import Testing

@testable import Goldens

@Suite("Recipes that are computed at a time") struct BatchTests {
  @Test("They keep their order, and hold few elements unless one case has more")
  func batches() throws {
    let recipes = Recipe.all(for: try Model.named("deepseek-v3"), tier: .full)
    let batches = GoldenGenerator.batches(of: recipes)
    #expect(batches.flatMap { $0.map(\.goldenCase.name) } == recipes.map(\.goldenCase.name))
    let counts = batches.map { batch in batch.map { $0.goldenCase.storedElementCount } }
    #expect(counts.allSatisfy { $0.count == 1 || $0.reduce(0, +) <= GoldenGenerator.batchElementCount })
    #expect(counts.contains([509 * 256 * 192]) && counts.contains { $0.count > 1 })
    #expect(GoldenGenerator.batches(of: []).isEmpty)
  }

  @Test("A long sequence counts by the tokens that are stored")
  func sampled() throws {
    let recipe = try Recipe.bundled("glm-4.5", "bf16/long/position")
    #expect(recipe.goldenCase.storedElementCount < 50 * 3 * 128)
  }
}
