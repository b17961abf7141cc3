public import Conformance

/// How the runs of a case differ in one tensor.
public struct RunsReport: Codable, Sendable, Equatable {
  /// A run that differs from the first, in so many elements of which one is the first.
  public struct Different: Codable, Sendable, Equatable {
    /// Counted from 1.
    public let run: Int
    public let count: Int
    public let first: PlaceReport
  }

  /// How many runs gave outputs.
  public let count: Int
  /// The runs that differ from the first, ascending; never empty.
  public let different: [Different]
  /// What it looks like.
  public let pattern: RunDisagreement.Pattern
  /// How right the runs are; nil where that was not judged.
  public let wrongCounts: RunDisagreement.WrongCounts?

  init(_ disagreement: RunDisagreement) {
    count = disagreement.runCount
    different = disagreement.runs.map { Different(run: $0.run, count: $0.count, first: PlaceReport($0.first)) }
    pattern = disagreement.pattern
    wrongCounts = disagreement.wrongCounts
  }
}
