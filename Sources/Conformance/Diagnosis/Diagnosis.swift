public import RoPE

/// What is wrong with the outputs of a case that fails.
public struct Diagnosis: Sendable, Equatable {
  /// What explains the outputs of one tensor or of both.
  public enum Cause: Sendable, Equatable {
    /// They are what a known mistake computes.
    case mistake(KnownMistake)
    /// They are right but for more rounding than allowed: this wider budget holds. Where it is the rounding of a known
    /// computation, that is named.
    case rounding(Budget, like: KnownMistake?)
    /// No known mistake fits; the elements that fail are these groups', and no other's.
    case confined([Place])
    /// No known mistake fits, and the errors are everywhere.
    case unknown
  }

  /// A mistake of the catalogue.
  public struct KnownMistake: Sendable, Equatable {
    /// Its name, such as `pairing-swapped`.
    public let name: String
    /// What an implementation with it does, such as `pairs the channels 2i and 2i+1 where i and i+n belong together`.
    public let summary: String
    /// The published bugs that are this mistake, such as `B04`.
    public let bugs: [String]
    /// Mistakes that compute the same on this case, so that it cannot tell them apart.
    public let indistinguishable: [String]
    /// The convention that the outputs have in the place of the case's, where the mistake is one of convention.
    public let convention: Mistaken?
    /// The largest error that remains beside what the mistake computes exactly, absolute and as a multiple of its limit.
    public let residual: Double
    public let residualSeverity: Double
  }

  /// One convention where another is needed.
  public struct Mistaken: Sendable, Equatable {
    public let computed: Convention
    public let needed: Convention
  }

  /// The values along one axis that hold every failed element.
  public struct Place: Sendable, Equatable {
    public let axis: ErrorProfile.Axis
    /// Ascending.
    public let values: [Int64]
    /// How many values the axis has in this case.
    public let valueCount: Int
  }

  /// What is said of one tensor or of both.
  public struct Statement: Sendable, Equatable {
    /// The tensors that it explains.
    public let tensors: [TensorName]
    public let cause: Cause
    /// The run of which it is said, counted from 1, where that is a later one that differs from the first.
    public private(set) var run: Int?

    init(tensors: [TensorName], cause: Cause) {
      self.tensors = tensors
      self.cause = cause
    }

    func of(run: Int) -> Statement {
      var statement = self
      statement.run = run
      return statement
    }
  }

  /// One statement, or one for each tensor where they differ; a tensor that conforms has none.
  public let statements: [Statement]
}
