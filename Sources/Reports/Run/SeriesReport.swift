public import Conformance

/// How the errors of one tensor spread along one axis.
public struct SeriesReport: Codable, Sendable, Equatable {
  /// The rotated elements that agree in one coordinate, or in a range of neighbours.
  public struct Group: Codable, Sendable, Equatable {
    /// The row, position, pair or head.
    public let value: Int64
    /// Rotated elements, and how many of them exceed their limit.
    public let elementCount: Int
    public let failedCount: Int
    /// The largest error as a multiple of its limit; infinite where NaN or infinity is in the wrong place.
    public let largestSeverity: Double
    /// The largest error in ULP of the exact result; infinite likewise.
    public let largestUlpError: Double
  }

  public let tensor: TensorName
  public let axis: ErrorProfile.Axis
  /// Ascending by value.
  public let groups: [Group]

  init(_ series: ErrorProfile.Series) {
    tensor = series.tensor
    axis = series.axis
    groups = series.groups.map {
      Group(
        value: $0.value, elementCount: $0.elementCount, failedCount: $0.failedCount,
        largestSeverity: $0.largestSeverity, largestUlpError: $0.largestUlpError)
    }
  }
}

extension SeriesReport {
  /// Neighbouring groups taken together.
  struct Range {
    let first: Int64
    let last: Int64
    let elementCount: Int
    let failedCount: Int
    let largestSeverity: Double
    let largestUlpError: Double

    /// The value, or the first and the last.
    var name: String { first == last ? "\(first)" : "\(first) to \(last)" }
  }

  /// The series in at most so many ranges, with as many groups in each; one group in each where they are few.
  func ranges(atMost count: Int) -> [Range] {
    let size = max(1, (groups.count + count - 1) / count)
    return stride(from: 0, to: groups.count, by: size).map { start in
      let part = groups[start..<min(start + size, groups.count)]
      return Range(
        first: groups[part.startIndex].value, last: groups[part.endIndex - 1].value,
        elementCount: part.reduce(0) { $0 + $1.elementCount },
        failedCount: part.reduce(0) { $0 + $1.failedCount },
        largestSeverity: part.map(\.largestSeverity).max() ?? 0,
        largestUlpError: part.map(\.largestUlpError).max() ?? 0)
    }
  }
}
