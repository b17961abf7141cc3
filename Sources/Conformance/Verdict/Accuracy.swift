/// How the outputs of one case compare with the exact ones.
public struct Accuracy: Sendable {
  /// Elements that take part in a rotation.
  public internal(set) var elementCount = 0
  /// Of those, how many exceed their limit.
  public internal(set) var failedCount = 0
  /// Of those, how many are of K.
  private var failedKeyCount = 0
  /// Of those, how many are the exact result rounded once.
  public internal(set) var correctlyRoundedCount = 0
  /// The element that is farthest from conforming, or came nearest to its limit; nil where all are correctly rounded.
  public internal(set) var worst: Finding?
  /// Whether each of ``Budget/named`` holds for every element so far.
  private var holds = Array(repeating: true, count: Budget.named.count)

  /// No element yet.
  public init() {}

  /// How many elements of Q or K exceed their limit.
  func failedCount(in tensor: TensorName) -> Int {
    tensor == .key ? failedKeyCount : failedCount - failedKeyCount
  }

  /// The tightest of ``Budget/named`` that holds for every element; nil where none does, or there are no elements.
  public var grade: Budget? { elementCount == 0 ? nil : holdingBudgets.first }

  /// Those of ``Budget/named`` that hold for every element so far.
  var holdingBudgets: [Budget] { zip(Budget.named, holds).filter(\.1).map(\.0) }

  /// Counts an element whose class does not decide already that it is right.
  mutating func count(_ finding: Finding) {
    if finding.isCorrectlyRounded {
      correctlyRoundedCount += 1
      return
    }
    if !finding.conforms {
      failedCount += 1
      if finding.tensor == .key { failedKeyCount += 1 }
    }
    for index in holds.indices where holds[index] { holds[index] = finding.conforms(to: Budget.named[index]) }
    note(finding)
  }

  /// Notes an element that holds under every budget that held so far, but is not correctly rounded.
  mutating func excludeCorrectRounding() {
    if holds[0] { holds[0] = !Budget.named[0].requiresCorrectRounding }
  }

  /// Adds the elements of another comparison.
  public mutating func merge(_ other: Accuracy) {
    elementCount += other.elementCount
    failedCount += other.failedCount
    failedKeyCount += other.failedKeyCount
    correctlyRoundedCount += other.correctlyRoundedCount
    holds = zip(holds, other.holds).map { $0 && $1 }
    if let theirs = other.worst { note(theirs) }
  }

  private mutating func note(_ finding: Finding) {
    if let worst, !finding.isWorse(than: worst) { return }
    worst = finding
  }
}
