public import Conformance
import RoPE

/// How the outputs of one case compare with the exact ones.
public struct AccuracyReport: Codable, Sendable, Equatable {
  /// Elements that take part in a rotation.
  public let elementCount: Int
  /// Of those, how many exceed their limit.
  public let failedCount: Int
  /// Of those, how many are the exact result rounded once.
  public let correctlyRoundedCount: Int
  /// The element that is farthest from conforming, or came nearest to its limit; nil where all are correctly rounded.
  public let worst: ElementReport?

  init(_ accuracy: Accuracy) {
    elementCount = accuracy.elementCount
    failedCount = accuracy.failedCount
    correctlyRoundedCount = accuracy.correctlyRoundedCount
    worst = accuracy.worst.map(ElementReport.init)
  }
}

/// One output element beside what it should be.
public struct ElementReport: Codable, Sendable, Equatable {
  public let tensor: TensorName
  public let place: PlaceReport
  /// The index of the pair that the element belongs to.
  public let pair: Int
  /// The token's position on the axis of the pair.
  public let position: Int64
  /// The float64 nearest to the exact result.
  public let expected: Double
  /// The bit pattern of the exact result, rounded once to the element type.
  public let expectedBits: UInt32
  /// The output, and its bit pattern.
  public let actual: Double
  public let actualBits: UInt32
  /// The distance from the exact result in ULP of it; infinite where one of both is not finite.
  public let ulpError: Double
  /// The largest error allowed, absolute.
  public let limit: Double
  /// The error as a multiple of the limit; infinite where NaN or infinity is in the wrong place.
  public let severity: Double

  init(_ finding: Finding) {
    tensor = finding.tensor
    place = PlaceReport(finding.place)
    pair = finding.pair
    position = finding.position
    expected = finding.expected
    expectedBits = finding.type.bits(rounding: finding.expected)
    actual = finding.actualValue
    actualBits = finding.actual
    ulpError = finding.ulpError
    limit = finding.limit
    severity = finding.severity
  }
}

/// Where in Q or K an element is.
public struct PlaceReport: Codable, Sendable, Equatable {
  /// The row of the batch; 0 if packed.
  public let batch: Int
  /// The token within its row, or the packed token.
  public let token: Int
  /// The head of its tensor.
  public let head: Int
  /// The channel of its head.
  public let channel: Int

  init(_ place: ElementPlace) {
    batch = place.batch
    token = place.token
    head = place.head
    channel = place.channel
  }
}

extension TensorName: Codable {}
