import Foundation
import RoPE

/// The elements of a tensor that are wrong in one way: their number, and the first of them.
struct ElementTally: Sendable {
  private(set) var count = 0
  private(set) var first: (element: ElementIndex, expected: UInt32, actual: UInt32)?

  mutating func add(_ element: ElementIndex, expected: UInt32 = 0, actual: UInt32 = 0) {
    note(1, (element, expected, actual))
  }

  mutating func merge(_ other: ElementTally) {
    if let theirs = other.first { note(other.count, theirs) }
  }

  private mutating func note(_ count: Int, _ found: (element: ElementIndex, expected: UInt32, actual: UInt32)) {
    self.count += count
    if first.map({ found.element.isBefore($0.element) }) ?? true { first = found }
  }
}

extension UnsafeRawBufferPointer {
  /// Indicates whether another buffer of the same size has the same bytes.
  package func hasBytes(of other: UnsafeRawBufferPointer) -> Bool {
    guard let start = baseAddress, let otherStart = other.baseAddress else { return true }
    return memcmp(start, otherStart, count) == 0
  }

  /// The indices of the elements that have a bit pattern, ascending.
  func indices(of pattern: UInt32, type: ElementType) -> [Int] {
    var indices: [Int] = [], index = 0
    let count = count / type.byteCount
    if type == .float32 {
      let patterns = bindMemory(to: UInt32.self).baseAddress, wanted = pattern.littleEndian
      while index < count, let patterns {
        if patterns[index] == wanted { indices.append(index) }
        index &+= 1
      }
    } else {
      let patterns = bindMemory(to: UInt16.self).baseAddress, wanted = UInt16(truncatingIfNeeded: pattern).littleEndian
      while index < count, let patterns {
        if patterns[index] == wanted { indices.append(index) }
        index &+= 1
      }
    }
    return indices
  }
}

extension UnsafeBufferPointer<Double> {
  /// True if any value is NaN or infinite.
  var hasNonFinite: Bool {
    guard let values = baseAddress else { return false }
    // A finite value minus itself is 0; for any other value, the difference is NaN.
    var sum = 0.0, index = 0
    while index < count {
      sum += values[index] - values[index]
      index &+= 1
    }
    return sum != 0
  }
}
