/// How several runs on the same inputs differ in one tensor.
public struct RunDisagreement: Sendable, Equatable {
  /// How many runs gave outputs.
  public let runCount: Int
  /// How many elements differ from the first run's in any run.
  public let count: Int
  /// The first of them, at most eight.
  public let places: [ElementPlace]
  /// The runs that differ from the first, ascending.
  public let runs: [DifferentRun]
  /// What it looks like.
  public let pattern: Pattern
  /// How right the runs are by themselves; nil where the first of ``runs`` was not judged.
  public let wrongCounts: WrongCounts?

  /// A run that differs from the first.
  public struct DifferentRun: Sendable, Equatable {
    /// Counted from 1.
    public let run: Int
    /// How many elements differ.
    public let count: Int
    /// The first of them.
    public let first: ElementPlace
  }

  /// What runs that differ look like.
  public enum Pattern: String, Sendable, Codable {
    /// All runs but the first have the same bits.
    case state
    /// The runs behind the first differ from each other too.
    case nonDeterminism = "non-determinism"
    /// There are two runs.
    case undecided
  }

  /// Elements of two runs that are wrong by themselves: rotated ones beyond their limit, and copied ones with other bits.
  public struct WrongCounts: Sendable, Equatable, Codable {
    /// Of the first run.
    public let first: Int
    /// Of the first run that differs.
    public let later: Int
  }
}
