import RoPE

/// A part of a tensor: the elements whose coordinates are all in some sets.
package struct Place: Sendable, Equatable, Codable {
  /// A coordinate of an element.
  package enum Axis: String, Sendable, CaseIterable, Codable {
    case batchRow = "batch row"
    /// The number of the token in its row of the batch, or among all packed tokens.
    case token
    /// The number of the head of a token, counted through all tokens of the call: token × heads + head.
    case row = "head of a token"
    case head
    /// The axis of positions that drives the pair.
    case positionAxis = "position axis"
    case pair
    /// 0 for the first output of a pair, 1 for the second.
    case output = "output of each pair"
    /// A channel that is copied.
    case channel = "copied channel"

    /// The name for several values.
    package var plural: String {
      switch self {
      case .row: "heads of tokens"
      case .positionAxis: "position axes"
      case .output: "outputs of each pair"
      default: rawValue + "s"
      }
    }
  }

  /// The values that one coordinate may have.
  package struct Values: Sendable, Equatable, Codable {
    package let axis: Axis
    /// Ascending.
    package let values: [Int]
    /// The number of values that the axis has in the case.
    package let count: Int

    package init(_ axis: Axis, _ values: [Int], of count: Int) {
      self.axis = axis
      self.values = values
      self.count = count
    }
  }

  /// The sets, one for each axis that is restricted.
  package let sets: [Values]
  /// The elements of the place that fail.
  package let failedCount: Int
  /// All elements of the place.
  package let elementCount: Int

  package init(_ sets: [Values], failedCount: Int, elementCount: Int) {
    self.sets = sets
    self.failedCount = failedCount
    self.elementCount = elementCount
  }

  package subscript(_ axis: Axis) -> [Int]? { sets.first { $0.axis == axis }?.values }
}

extension Place: CustomStringConvertible {
  /// The sets in words: `tokens from 1024 on, head 3 of 4`.
  package var description: String { sets.map(\.description).joined(separator: ", ") }
}

extension Place.Values: CustomStringConvertible {
  /// The number of runs of neighbours that are listed; the rest is only counted.
  private static let listedRuns = 6

  /// The values with the name of their axis: `head 3 of 4`, `tokens from 1024 on`, `heads 1 to 3 of each 4`.
  package var description: String {
    if axis == .output { return "the \(values == [0] ? "first" : "second") output of each pair" }
    if let periodic { return periodic }
    let runs = Self.runs(values), name = plural(values.count)
    if runs.count == 1, let run = runs.first, run.count > 1 {
      if run.upperBound == count - 1 { return "\(name) from \(run.lowerBound) on" }
      if run.lowerBound == 0 { return "\(name) before \(run.upperBound + 1)" }
    }
    let listed = runs.prefix(Self.listedRuns).map(Self.text)
    let list = listed.joined(separator: ", ")
    return runs.count > listed.count
      ? "\(values.count) of \(count) \(plural(2)), such as \(list)" : "\(name) \(list) of \(count)"
  }

  /// The values within each group of equally many, if they repeat: `heads 1 to 3 of each 4`.
  private var periodic: String? {
    guard values.count > 3 else { return nil }
    for period in 2...max(2, min(32, count / 3)) where count >= 3 * period {
      let first = values.filter { $0 < period }
      guard first.count < period, !first.isEmpty else { continue }
      let repeated = (0..<count).filter { first.contains($0 % period) }
      if repeated == values {
        return "\(plural(2)) \(Self.runs(first).map(Self.text).joined(separator: ", ")) of each \(period)"
      }
    }
    return nil
  }

  private func plural(_ count: Int) -> String { count == 1 ? axis.rawValue : axis.plural }

  private static func text(_ run: ClosedRange<Int>) -> String {
    run.count == 1 ? "\(run.lowerBound)" : "\(run.lowerBound) to \(run.upperBound)"
  }

  private static func runs(_ values: [Int]) -> [ClosedRange<Int>] {
    values.reduce(into: []) { runs, value in
      if let last = runs.last, value == last.upperBound + 1 {
        runs[runs.count - 1] = last.lowerBound...value
      } else {
        runs.append(value...value)
      }
    }
  }
}
