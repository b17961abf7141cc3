import Dispatch
import Synchronization

extension RandomAccessCollection where Self: Sendable {
  /// The results of a function of each element, computed on all cores, in the order of the elements.
  ///
  /// - Throws: the error of the first element, in order, whose function throws; all others are computed nevertheless.
  package func concurrentMap<Value: Sendable>(_ value: @Sendable (Element) throws -> Value) throws -> [Value] {
    let results = Mutex([Int: Result<Value, any Error>]())
    DispatchQueue.concurrentPerform(iterations: count) { offset in
      let result = Result { try value(self[index(startIndex, offsetBy: offset)]) }
      results.withLock { $0[offset] = result }
    }
    let all = results.withLock { $0 }
    return try (0..<count).compactMap { try all[$0]?.get() }
  }
}
