import Goldens
import RoPE

/// The elements whose bits a later run changed, of one tensor or of a part of it.
struct RunDifferences: Sendable {
  /// By index in the workload's layout; empty while no run differs.
  private var differs: [Bool] = []

  /// Notes what a later run changed.
  mutating func compare(_ first: ElementArray, with later: ElementArray) {
    guard !later.bytes.withUnsafeBytes({ later in first.bytes.withUnsafeBytes { $0.hasBytes(of: later) } }) else {
      return
    }
    if differs.isEmpty { differs = Array(repeating: false, count: first.count) }
    for index in 0..<first.count where first[index] != later[index] { differs[index] = true }
  }

  /// Ascending.
  fileprivate var indices: [Int] { differs.indices.filter { differs[$0] } }
}

/// How many elements of one tensor differ between runs, and the first of them.
struct RaceTally: Sendable {
  /// Places that a violation names.
  private static let placeCount = 8

  private var count = 0
  /// Ascending.
  private var first: [Int] = []

  /// Adds a part of the tensor.
  ///
  /// - Parameter offset: the index of the part's first element in the tensor.
  mutating func add(_ part: RunDifferences, offset: Int = 0) {
    let found = part.indices
    count += found.count
    first = Array((first + found.prefix(Self.placeCount).map { $0 + offset }).sorted().prefix(Self.placeCount))
  }

  func violations(_ tensor: TensorName, heads: Int, of goldenCase: Case, runCount: Int) -> [Violation] {
    guard count > 0 else { return [] }
    return [
      .notRepeatable(
        tensor: tensor, count: count, places: first.map { goldenCase.place(of: $0, heads: heads) }, runCount: runCount)
    ]
  }
}
