import Dispatch
import Foundation
import Synchronization

extension GoldenGenerator {
  /// Goldens that are computed at a time: enough for every core, and few enough for the memory.
  static var batchSize: Int { 2 * ProcessInfo.processInfo.activeProcessorCount }

  /// Computes goldens on every core, in the order of their recipes.
  ///
  /// - Throws: the first error, as ``golden(for:)``.
  static func goldens(for recipes: ArraySlice<Recipe>) throws -> [Golden] {
    let results = Mutex([Int: Result<Golden, any Error>]())
    DispatchQueue.concurrentPerform(iterations: recipes.count) { index in
      let result = Result { try golden(for: recipes[recipes.startIndex + index]) as Golden }
      results.withLock { $0[index] = result }
    }
    let all = results.withLock { $0 }
    return try recipes.indices.compactMap { try all[$0 - recipes.startIndex]?.get() }
  }
}
