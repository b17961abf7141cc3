import Dispatch
import Foundation
import Goldens
import RoPE
import Synchronization

/// The tokens of some tensors in slabs, small enough for a cache and large enough to be worth a call.
package struct Slabs {
  private static let elementCount = 1 << 15

  private let tokenCounts: [Int]
  /// Tokens of a slab.
  private let size: Int

  /// A head has `headDimension` channels.
  package init(_ tensors: [TensorExtent], headDimension: Int) {
    tokenCounts = tensors.map(\.tokenCount)
    // A tensor can have no heads.
    size = max(1, Self.elementCount / (headDimension * max(1, tensors.map(\.heads).max() ?? 1)))
  }

  /// Works on all slabs, on all cores if there are several.
  ///
  /// A thread works on the slabs with the same tokens in all tensors, one after the other, so that the truth's work for
  /// a token serves each of them.
  ///
  /// - Parameters:
  ///   - worker: makes the state of one thread.
  ///   - body: works on one slab, given the index of its tensor.
  /// - Returns: the workers; each slab was given to one of them.
  /// - Throws: the first error of `body`, after which no thread takes further tokens.
  package func forEach<Worker>(
    worker: @Sendable () -> Worker,
    _ body: @Sendable (inout Worker, _ tensor: Int, _ tokens: Range<Int>) throws -> Void
  ) throws -> [Worker] {
    @Sendable func work(_ worker: inout Worker, _ index: Int) throws {
      for (tensor, tokenCount) in tokenCounts.enumerated() where index * size < tokenCount {
        try body(&worker, tensor, index * size..<min((index + 1) * size, tokenCount))
      }
    }
    let count = ((tokenCounts.max() ?? 0) + size - 1) / size
    if count == 1 {
      var only = worker()
      try work(&only, 0)
      return [only]
    }
    let next = Atomic(0), failure = Mutex<(any Error)?>(nil), workers = Mutex(Workers<Worker>())
    DispatchQueue.concurrentPerform(iterations: min(count, ProcessInfo.processInfo.activeProcessorCount)) { _ in
      var mine = worker()
      while failure.withLock({ $0 == nil }) {
        let index = next.add(1, ordering: .relaxed).oldValue
        guard index < count else { break }
        do {
          try work(&mine, index)
        } catch {
          failure.withLock { $0 = $0 ?? error }
        }
      }
      nonisolated(unsafe) let done = mine
      workers.withLock { $0.all.append(done) }
    }
    if let error = failure.withLock({ $0 }) { throw error }
    return workers.withLock { $0 }.all
  }
}

/// Workers that have finished.
private struct Workers<Worker>: @unchecked Sendable {
  var all: [Worker] = []
}
