import Dispatch
import Foundation
import Goldens
import RoPE
import Synchronization

extension TensorExtent {
  /// Elements of a slab, more or less: few enough for a cache, and enough to be worth a call.
  private static let slabElementCount = 1 << 15

  /// Works on all tokens in slabs, on all cores where there are several slabs.
  ///
  /// - Parameters:
  ///   - headDimension: channels per head.
  ///   - worker: makes what one thread works with.
  ///   - body: works on a slab.
  /// - Returns: the workers, of which each slab was given to one.
  /// - Throws: the first error of `body`, after which no slab begins.
  func forEachSlab<Worker>(
    headDimension: Int, worker: @Sendable () -> Worker,
    _ body: @Sendable (inout Worker, Range<Int>) throws -> Void
  ) throws -> [Worker] {
    try Self.forEachSlab(
      of: 0..<tokenCount, size: max(1, Self.slabElementCount / (heads * headDimension)), worker: worker, body)
  }

  private static func forEachSlab<Worker>(
    of tokens: Range<Int>, size: Int, worker: @Sendable () -> Worker,
    _ body: @Sendable (inout Worker, Range<Int>) throws -> Void
  ) throws -> [Worker] {
    @Sendable func slab(_ index: Int) -> Range<Int> {
      let first = tokens.lowerBound + index * size
      return first..<min(first + size, tokens.upperBound)
    }
    let count = (tokens.count + size - 1) / size
    if count == 1 {
      var only = worker()
      try body(&only, slab(0))
      return [only]
    }
    let next = Atomic(0), failure = Mutex<(any Error)?>(nil), workers = Mutex(Workers<Worker>())
    DispatchQueue.concurrentPerform(iterations: min(count, ProcessInfo.processInfo.activeProcessorCount)) { _ in
      var mine = worker()
      while failure.withLock({ $0 == nil }) {
        let index = next.add(1, ordering: .relaxed).oldValue
        guard index < count else { break }
        do {
          try body(&mine, slab(index))
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

/// Workers that have done their part.
private struct Workers<Worker>: @unchecked Sendable {
  var all: [Worker] = []
}
