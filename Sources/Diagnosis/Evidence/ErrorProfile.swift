import Judging
import RoPE

/// The spread of the errors of one case over batch rows, positions, pairs and heads.
///
/// As JSON it is the array of its series.
package struct ErrorProfile: Sendable, Equatable {
  /// The coordinate that elements are grouped by.
  package enum Axis: String, Sendable, CaseIterable, Codable {
    case batchRow = "batch row"
    /// The token's position on the axis of the element's pair.
    case position
    case pair
    case head
  }

  /// The rotated elements of one tensor that agree in one coordinate.
  package struct Group: Sendable, Equatable, Codable {
    /// The row, position, pair or head.
    package let value: Double
    /// The number of rotated elements.
    package internal(set) var elementCount = 0
    /// The number of those that exceed their limit.
    package internal(set) var failedCount = 0
    /// The largest error as a multiple of its limit; infinite if NaN or infinity is in the wrong place.
    package internal(set) var largestSeverity = 0.0
    /// The largest error in ULP of the exact result; infinite in the same case.
    package internal(set) var largestUlpError = 0.0

    /// A group without elements.
    init(value: Double) { self.value = value }
  }

  /// One tensor along one axis.
  package struct Series: Sendable, Equatable, Codable {
    package let tensor: TensorName
    package let axis: Axis
    /// Ascending by value.
    package internal(set) var groups: [Group]
  }

  /// Each tensor in turn, along every axis.
  package internal(set) var series: [Series]
}

extension ErrorProfile: Codable {
  package func encode(to encoder: any Encoder) throws { try series.encode(to: encoder) }

  package init(from decoder: any Decoder) throws { self.init(series: try [Series](from: decoder)) }
}

extension ErrorProfile.Group {
  /// Counts an element; nil stands for one that is right to the bit.
  mutating func add(_ finding: Finding?) {
    elementCount += 1
    guard let finding else { return }
    if !finding.conforms { failedCount += 1 }
    largestSeverity = max(largestSeverity, finding.severity)
    largestUlpError = max(largestUlpError, finding.ulpError)
  }

  /// Adds the elements of another group.
  mutating func add(_ other: ErrorProfile.Group) {
    elementCount += other.elementCount
    failedCount += other.failedCount
    largestSeverity = max(largestSeverity, other.largestSeverity)
    largestUlpError = max(largestUlpError, other.largestUlpError)
  }
}
