public import RoPE

/// A case with its inputs and the exact answer.
///
/// Tensors are contiguous in the workload's layout; `[tokens, heads, D]` in the comments stands for it.
public struct Golden: Sendable, Equatable {
  /// What is rotated, and by which convention.
  public let goldenCase: Case
  /// The normal form of the case's convention.
  public let plan: Plan
  /// The float64 nearest to the frequency of each pair, in radians per position.
  public let inverseFrequencies: [Double]
  /// The float64 nearest to the attention factor.
  public let attentionFactor: Double
  /// The position of each token, `[axes, tokens]`.
  public let positions: [Int64]
  /// Inputs and exact outputs.
  public let content: Content

  /// The plan of the call: that of the convention, or its transpose.
  public var runningPlan: Plan { plan.running(goldenCase.workload.direction) }

  /// What a golden stores.
  public enum Content: Sendable, Equatable {
    case stored(StoredTensors)
    case sampled(SampledRows)
  }

  /// Inputs and exact outputs of every token.
  public struct StoredTensors: Sendable, Equatable {
    /// What the contract gives for the angles.
    public let angles: Angles
    /// `[tokens, query heads, D]`
    public let query: ElementArray
    /// `[tokens, key heads, D]`
    public let key: ElementArray
    /// The float64 nearest to each exact output, in the order of `query`.
    public let expectedQuery: [Double]
    /// The float64 nearest to each exact output, in the order of `key`.
    public let expectedKey: [Double]
  }

  /// Exact outputs of some tokens of a sequence whose inputs follow from the case's seed.
  public struct SampledRows: Sendable, Equatable {
    /// Token indices, ascending.
    public let tokens: [Int]
    /// `[sampled tokens, query heads, D]`
    public let expectedQuery: [Double]
    /// `[sampled tokens, key heads, D]`
    public let expectedKey: [Double]
  }
}
