import RoPE

/// The comparison of outputs with the exact ones.
package struct Accuracy: Sendable, Equatable {
  /// Elements that take part in a rotation.
  package internal(set) var elementCount = 0
  /// Rotated elements that exceed their limit.
  package internal(set) var failedCount = 0
  /// Rotated elements that are the exact result rounded once.
  package internal(set) var correctlyRoundedCount = 0
  /// The element that is farthest from conforming, or came nearest to its limit; nil if all are correctly rounded.
  package internal(set) var worst: Finding? { didSet { worstSeverity = worst?.severity ?? 0 } }
  /// The severity of ``worst``, 0 without one.
  private var worstSeverity = 0.0
  /// The sum of signed errors in ULP; see ``SignedError``.
  package internal(set) var signedErrorSum = 0
  /// The number of elements whose signed errors are in the sum.
  package internal(set) var signedErrorCount = 0
  /// For each of ``Budget/named``, a bit that is set if it holds for every element so far.
  private var holds = (UInt32(1) << Budget.named.count) - 1

  /// An accuracy without elements.
  package init() {}

  /// True if every element is within its limit.
  package var conforms: Bool { failedCount == 0 }

  /// The mean distance from the correctly rounded result in ULP, positive if outputs are too large in magnitude; nil
  /// without elements.
  ///
  /// The mean is that of the first 16 tokens and every seventh. Errors of more than 16 ULP count as 0.
  package var meanSignedError: Double? {
    signedErrorCount == 0 ? nil : Double(signedErrorSum) / Double(signedErrorCount)
  }

  /// The tightest of ``Budget/named`` that holds for every element; nil if none does, or there are no elements.
  package var grade: Budget? { elementCount == 0 ? nil : holdingBudgets.first }

  /// The budgets of ``Budget/named`` that hold for every element so far.
  package var holdingBudgets: [Budget] { Budget.named.indices.filter(isHolding).map { Budget.named[$0] } }

  private func isHolding(_ index: Int) -> Bool { holds >> index & 1 == 1 }

  /// What ``LimitLowerBound`` follows from: the severity beyond which an element is the worst, and the budgets that hold.
  var basis: Basis {
    // A finding that conforms is never worse than one that does not.
    Basis(severity: worst.map { $0.conforms ? worstSeverity : 1 } ?? 0, holds: holds)
  }

  /// The severity of the worst element, if it fails and no named budget holds any more; nil otherwise.
  var severityOfHopeless: Double? {
    guard holds == 0, let worst, !worst.conforms else { return nil }
    return worstSeverity
  }

  /// Counts an element that fails by less than the worst, where no named budget holds any more.
  mutating func countOneMoreFailure() { failedCount += 1 }

  struct Basis: Equatable {
    let severity: Double
    fileprivate let holds: UInt32
  }

  /// Counts an element that is not already right by its class: NaN, infinity or zero, apart from its signed error.
  package mutating func count(_ finding: Finding) {
    if finding.isCorrectlyRounded {
      correctlyRoundedCount += 1
      return
    }
    if !finding.conforms { failedCount += 1 }
    if holds != 0 {
      for index in Budget.named.indices where isHolding(index) && !finding.supports(Budget.named[index]) {
        holds &= ~(1 << index)
      }
    }
    if worst.map(finding.isWorse) ?? true { worst = finding }
  }

  /// Notes an element that conforms to every budget that held so far, but is not correctly rounded.
  mutating func excludeCorrectRounding() {
    if isHolding(0), Budget.named[0].requiresCorrectRounding { holds &= ~1 }
  }

  /// Adds the elements of another comparison.
  ///
  /// If both worst elements are equally far from conforming, the earlier element of the same tensor stays; across
  /// tensors, the one that was there before stays.
  package mutating func merge(_ other: Accuracy) {
    elementCount += other.elementCount
    failedCount += other.failedCount
    correctlyRoundedCount += other.correctlyRoundedCount
    signedErrorSum += other.signedErrorSum
    signedErrorCount += other.signedErrorCount
    holds &= other.holds
    guard let theirs = other.worst else { return }
    guard let worst else {
      self.worst = theirs
      return
    }
    if worst.tensor == theirs.tensor {
      if theirs.isWorse(than: worst) { self.worst = theirs }
    } else if theirs.conforms == worst.conforms ? theirs.severity > worst.severity : !theirs.conforms {
      self.worst = theirs
    }
  }
}

extension Accuracy: Codable {
  private enum CodingKeys: CodingKey {
    case elementCount, failedCount, correctlyRoundedCount, worst, holdingBudgets, signedErrorSum, signedErrorCount
    case meanSignedError
  }

  /// Encodes all values, and the mean signed error for readers that compute nothing.
  package func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(elementCount, forKey: .elementCount)
    try values.encode(failedCount, forKey: .failedCount)
    try values.encode(correctlyRoundedCount, forKey: .correctlyRoundedCount)
    try values.encodeIfPresent(worst, forKey: .worst)
    try values.encode(holdingBudgets.map(\.name), forKey: .holdingBudgets)
    try values.encode(signedErrorSum, forKey: .signedErrorSum)
    try values.encode(signedErrorCount, forKey: .signedErrorCount)
    try values.encodeIfPresent(meanSignedError, forKey: .meanSignedError)
  }

  package init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    elementCount = try values.decode(Int.self, forKey: .elementCount)
    failedCount = try values.decode(Int.self, forKey: .failedCount)
    correctlyRoundedCount = try values.decode(Int.self, forKey: .correctlyRoundedCount)
    worst = try values.decodeIfPresent(Finding.self, forKey: .worst)
    worstSeverity = worst?.severity ?? 0
    let names = try values.decode([String].self, forKey: .holdingBudgets)
    holds = Budget.named.enumerated().reduce(0) { names.contains($1.element.name) ? $0 | 1 << $1.offset : $0 }
    signedErrorSum = try values.decode(Int.self, forKey: .signedErrorSum)
    signedErrorCount = try values.decode(Int.self, forKey: .signedErrorCount)
  }
}
