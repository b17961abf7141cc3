import Dispatch
import Foundation
import Synchronization

/// Work on many values on all cores, with results taken in order.
package enum OrderedWork {
  private struct State<Result> {
    /// Results that wait for an earlier one.
    var waiting: [Int: Result] = [:]
    /// The next result to be taken.
    var next = 0
    var failure: (any Error)?
  }

  /// Computes a result for each value, several at a time, and takes the results one by one in the order of the values,
  /// each as soon as all earlier ones are there.
  ///
  /// `compute` is called on any thread. `take` is called on one thread at a time.
  ///
  /// - Throws: the first error of either, after which nothing new begins.
  package static func forEach<Value: Sendable, Result: Sendable>(
    _ values: [Value], compute: @Sendable (Value) throws -> Result, take: (Result) throws -> Void
  ) throws {
    try withoutActuallyEscaping(take) { take in
      let state = Mutex(State<Result>()), begun = Atomic(0)
      // Called only under the lock.
      nonisolated(unsafe) let take = take
      DispatchQueue.concurrentPerform(iterations: min(values.count, ProcessInfo.processInfo.activeProcessorCount)) {
        _ in
        while true {
          let index = begun.add(1, ordering: .relaxed).oldValue
          guard index < values.count, state.withLock({ $0.failure == nil }) else { return }
          let result = Swift.Result { try compute(values[index]) }
          state.withLock { state in
            do {
              state.waiting[index] = try result.get()
              while state.failure == nil, let ready = state.waiting.removeValue(forKey: state.next) {
                state.next += 1
                try take(ready)
              }
            } catch {
              state.failure = state.failure ?? error
            }
          }
        }
      }
      if let failure = state.withLock({ $0.failure }) { throw failure }
    }
  }
}
