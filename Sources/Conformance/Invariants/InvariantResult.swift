public import RoPE

/// How one backend did on one invariant.
public struct InvariantResult: Sendable {
  /// What became of the check.
  public enum Outcome: Sendable, Equatable {
    /// The backend's outputs were compared; this is the largest deviation.
    case compared(InvariantDeviation)
    /// The backend does not support a call that the invariant needs; never counted as holding.
    case unsupported(reason: String)
    /// The backend threw.
    case failed(message: String)
  }

  /// The invariant.
  public let invariant: Invariant
  /// What the backend was given.
  public let contract: Contract
  /// The type of Q and K.
  public let elementType: ElementType
  /// What inputs and positions follow from.
  public let seed: UInt64
  /// What became of the check.
  public let outcome: Outcome

  /// Whether the invariant was checked and holds.
  public var holds: Bool {
    if case .compared(let deviation) = outcome { deviation.severity <= 1 } else { false }
  }
}

/// How far an invariant is from holding, in the pair where it is farthest.
public struct InvariantDeviation: Sendable, Equatable {
  /// The deviation as a multiple of its limit; infinite where it is not a number.
  public let severity: Double
  /// The deviation, absolute, without what the roundings of the contract itself explain.
  public let deviation: Double
  /// Q or K; where it is a score, Q.
  public let tensor: TensorName
  /// The pair of the plan.
  public let pair: Int
  /// The token's first position on the axis of the pair.
  public let position: Int64
  /// The head of the tensor.
  public let head: Int

  init(_ deviation: Double, limit: Double, _ tensor: TensorName, pair: Int, position: Int64, head: Int) {
    let severity = deviation == 0 ? 0 : deviation / limit
    self.severity = severity.isNaN ? .infinity : severity
    self.deviation = deviation
    self.tensor = tensor
    self.pair = pair
    self.position = position
    self.head = head
  }
}
