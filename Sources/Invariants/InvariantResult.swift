import RoPE

/// The result of one backend on one invariant.
package struct InvariantResult: Sendable {
  /// The possible ends of a check.
  package enum Outcome: Sendable, Equatable {
    /// The backend's outputs were compared; this is the largest deviation.
    case compared(InvariantDeviation)
    /// The backend does not support a call that the invariant needs; never counted as holding.
    case unsupported(reason: String)
    /// The backend threw.
    case failed(message: String)
  }

  /// The invariant.
  package let invariant: Invariant
  /// The form in which the backend was given its angles.
  package let contract: Contract
  /// The type of Q and K.
  package let elementType: ElementType
  /// Seed of the random inputs and positions.
  package let seed: UInt64
  /// The end of the check.
  package let outcome: Outcome

  /// True if the invariant was checked and holds.
  package var holds: Bool {
    if case .compared(let deviation) = outcome { deviation.severity <= 1 } else { false }
  }
}

/// The deviation from an invariant, in the pair where it is largest.
package struct InvariantDeviation: Sendable, Equatable {
  /// The deviation as a multiple of its limit; infinite if it is not a number.
  package let severity: Double
  /// The absolute deviation, less what the roundings of the contract itself explain.
  package let deviation: Double
  /// Q or K; Q for a score.
  package let tensor: TensorName
  /// The pair of the plan.
  package let pair: Int
  /// The token's first position on the axis of the pair.
  package let position: Double
  /// The head of the tensor.
  package let head: Int

  init(_ deviation: Double, limit: Double, _ tensor: TensorName, pair: Int, position: Double, head: Int) {
    let severity = deviation == 0 ? 0 : deviation / limit
    self.severity = severity.isNaN ? .infinity : severity
    self.deviation = deviation
    self.tensor = tensor
    self.pair = pair
    self.position = position
    self.head = head
  }
}
