/// How the errors of one case spread over batch rows, positions, pairs and heads.
public struct ErrorProfile: Sendable, Equatable {
  /// What elements are grouped by.
  public enum Axis: String, Sendable, CaseIterable {
    case batchRow = "batch row"
    /// The token's position on the axis of the element's pair.
    case position
    case pair
    case head
  }

  /// The rotated elements of one tensor that agree in one coordinate.
  public struct Group: Sendable, Equatable {
    /// The row, position, pair or head.
    public let value: Int64
    /// Rotated elements.
    public internal(set) var elementCount = 0
    /// Of those, how many exceed their limit.
    public internal(set) var failedCount = 0
    /// The largest error as a multiple of its limit; infinite where NaN or infinity is in the wrong place.
    public internal(set) var largestSeverity = 0.0
    /// The largest error in ULP of the exact result; infinite likewise.
    public internal(set) var largestUlpError = 0.0

    /// A group without elements.
    init(value: Int64) { self.value = value }
  }

  /// One tensor along one axis.
  public struct Series: Sendable, Equatable {
    public let tensor: TensorName
    public let axis: Axis
    /// Ascending by value.
    public internal(set) var groups: [Group]
  }

  /// Q then K, each along every axis.
  public internal(set) var series: [Series]
}
