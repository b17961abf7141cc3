public import RoPE

/// How the outputs of one case compare with the exact ones.
public struct Accuracy: Sendable {
  /// Elements that take part in a rotation.
  public internal(set) var elementCount = 0
  /// Of those, how many exceed their limit.
  public internal(set) var failedCount = 0
  /// Of those, how many are the exact result rounded once.
  public internal(set) var correctlyRoundedCount = 0
  /// The tightest of ``Budget/named`` that holds for every element; nil where none does, or there are no elements.
  public internal(set) var grade: Budget?
  /// The element that is farthest from conforming, or came nearest to its limit; nil where all are correctly rounded.
  public internal(set) var worst: Finding?

  mutating func count(_ finding: Finding, isCorrectlyRounded: Bool) {
    if isCorrectlyRounded {
      correctlyRoundedCount += 1
      return
    }
    if !finding.conforms { failedCount += 1 }
    note(finding)
  }

  /// No element yet.
  public init() {}

  /// Adds the elements of another comparison.
  public mutating func merge(_ other: Accuracy) {
    elementCount += other.elementCount
    failedCount += other.failedCount
    correctlyRoundedCount += other.correctlyRoundedCount
    if let theirs = other.worst { note(theirs) }
  }

  private mutating func note(_ finding: Finding) {
    if let worst, !finding.isWorse(than: worst) { return }
    worst = finding
  }
}

/// One output element beside what it should be.
public struct Finding: Sendable {
  /// Q or K.
  public let tensor: TensorName
  /// Where in the tensor the element is.
  public let place: ElementPlace
  /// The index of the pair that the element belongs to.
  public let pair: Int
  /// The token's position on the axis of the pair.
  public let position: Int64
  /// The type of the output.
  public let type: ElementType
  /// The float64 nearest to the exact result.
  public let expected: Double
  /// The output's bit pattern.
  public let actual: UInt32
  /// The largest error allowed, absolute.
  public let limit: Double

  /// Whether the error is allowed.
  public let conforms: Bool

  /// The output's value.
  public var actualValue: Double { type.value(ofBits: actual) }
  /// The distance from the exact result in ULP of it; infinite where one of both is not finite.
  public var ulpError: Double {
    let error = (actualValue - expected).magnitude / type.ulp(of: expected)
    return error.isNaN ? .infinity : error
  }
  /// The error as a multiple of the limit; infinite where NaN or infinity is in the wrong place.
  public var severity: Double {
    let severity = (actualValue - expected).magnitude / limit
    return severity.isNaN ? .infinity : severity
  }

  func isWorse(than other: Finding) -> Bool {
    guard conforms == other.conforms else { return !conforms }
    return severity == other.severity ? isBefore(other) : severity > other.severity
  }

  /// Whether the element comes first in Q and then K, so that the worst does not depend on who finds it first.
  private func isBefore(_ other: Finding) -> Bool {
    func order(_ finding: Finding) -> [Int] {
      let place = finding.place
      return [finding.tensor == .query ? 0 : 1, place.batch, place.token, place.head, place.channel]
    }
    return order(self).lexicographicallyPrecedes(order(other))
  }
}
