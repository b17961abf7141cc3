import RoPE

/// A bound below every limit that matters to an accuracy, cheap to evaluate: an error below it changes nothing.
///
/// What matters are the limits of the named budgets that still hold, and that limit of the case's budget, scaled by the
/// worst severity so far, beyond which an element would be the worst.
struct LimitFloor {
  /// Of the limits that know `M`: `expected · |y| + magnitude · M`.
  private let expected: Double
  private let magnitude: Double
  /// Of the others: `relative · |y|`.
  private let relative: Double

  /// Admits no error.
  static let nothing = LimitFloor(expected: 0, magnitude: 0, relative: 0)

  private init(expected: Double, magnitude: Double, relative: Double) {
    // Below by more than what the roundings of both sides amount to.
    let margin = 1 - 0x1p-40
    self.expected = margin * expected
    self.magnitude = margin * magnitude
    self.relative = margin * relative
  }

  /// - Parameter accuracy: what was judged so far.
  init(budget: Budget, accuracy: Accuracy, type: ElementType, tableType: ElementType?) {
    guard !budget.requiresCorrectRounding else {
      self = .nothing
      return
    }
    // A finding that conforms is never worse than one that does not.
    let severity = accuracy.worst.map { $0.conforms ? $0.severity : 1 } ?? 0
    // A normal number is below 2^(bits + 1) ulp, and the ulp of a subnormal one is larger.
    let halfUlp = type.unitRoundoff / 2
    var expected = Double.infinity, magnitude = Double.infinity, relative = Double.infinity
    for (budget, share) in [(budget, severity)] + accuracy.holdingBudgets.map({ ($0, 1) }) {
      switch budget.bound {
      // What is correctly rounded is told apart before.
      case .correctRounding: break
      case .arithmetic(let model):
        expected = min(expected, share * halfUlp)
        magnitude = min(magnitude, share * model.magnitudeFactor(type, tableType: tableType))
      case .relative(let factor): relative = min(relative, share * (halfUlp + factor))
      case .absoluteAndRelative(_, let factor): relative = min(relative, share * factor)
      case .ulps(let count): relative = min(relative, share * 2 * count * halfUlp)
      }
    }
    self.init(
      expected: expected.isFinite ? expected : 0, magnitude: magnitude.isFinite ? magnitude : .greatestFiniteMagnitude,
      relative: relative.isFinite ? relative : .greatestFiniteMagnitude)
  }

  /// Whether an error, absolute, is certainly below every limit; false for NaN.
  ///
  /// - Parameter magnitude: `M` times `square`.
  @inline(__always)
  func admits(_ error: Double, expected: Double, square: Double = 1, magnitude: Double) -> Bool {
    (error * square < self.expected * expected * square + self.magnitude * magnitude) && (error < relative * expected)
  }
}

extension ArithmeticModel {
  /// The coefficient of `M` in ``error(_:)`` that does not depend on the angle.
  func magnitudeFactor(_ type: ElementType, tableType: ElementType?) -> Double {
    2 * (accumulator ?? type).unitRoundoff
      + (roundsTable && tableType != type ? type.unitRoundoff : 0)
      + (tableType == nil ? 6 * ElementType.float32.unitRoundoff : 0)
  }
}
