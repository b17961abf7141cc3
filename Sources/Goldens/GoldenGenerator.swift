import Foundation
import RoPE

/// Computes the goldens of a file, a few at a time.
enum GoldenGenerator {
  /// The largest number of elements of Q and K in memory at a time, each with its exact output in at most 12 bytes; a
  /// case that has more is computed alone.
  static let batchElementCount = 1 << 22

  /// Recipes that are computed at a time, in order: enough for every core, few enough for memory.
  static func batches(of recipes: [Recipe]) -> [ArraySlice<Recipe>] {
    let largestCount = 2 * ProcessInfo.processInfo.activeProcessorCount
    var batches: [ArraySlice<Recipe>] = [], start = 0, elementCount = 0
    for (index, recipe) in recipes.enumerated() {
      let count = recipe.goldenCase.storedElementCount
      if index > start, index - start == largestCount || elementCount + count > batchElementCount {
        batches.append(recipes[start..<index])
        (start, elementCount) = (index, 0)
      }
      elementCount += count
    }
    return start < recipes.count ? batches + [recipes[start...]] : batches
  }

  /// Computes goldens on every core, in the order of their recipes.
  ///
  /// - Throws: the first error of ``Golden/init(storing:)``.
  static func goldens(for recipes: ArraySlice<Recipe>) throws -> [Golden] {
    try recipes.concurrentMap { try Golden(storing: $0) }
  }
}

extension Case {
  /// Elements of Q and K that a golden stores; for a sampled case only those of a few tokens.
  var storedElementCount: Int {
    let sampleCount = workload.isSampled ? ComputedTruth.sampleTokens(of: workload.sequence).count : nil
    let rows = sampleCount.map { $0 * (workload.queryHeads + workload.keyHeads) } ?? workload.rowCount
    return rows * convention.headDimension
  }
}
