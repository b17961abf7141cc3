import RoPE

/// The differences between several runs on the same inputs in one tensor.
package struct RunDisagreement: Sendable, Equatable {
  /// The number of runs that gave outputs.
  package let runCount: Int
  /// The number of elements that differ from the first run in any later run.
  package let count: Int
  /// The first of them, at most eight.
  package let places: [ElementIndex]
  /// The runs that differ from the first, ascending; never empty.
  package let runs: [DifferentRun]
  /// The pattern of the differences.
  package let pattern: Pattern
  /// The numbers of wrong elements in run 1 and in the first of ``runs``; nil if the latter was not judged.
  package let wrongCounts: WrongCounts?

  package init(
    runCount: Int, count: Int, places: [ElementIndex], runs: [DifferentRun], pattern: Pattern,
    wrongCounts: WrongCounts?
  ) {
    self.runCount = runCount
    self.count = count
    self.places = places
    self.runs = runs
    self.pattern = pattern
    self.wrongCounts = wrongCounts
  }

  /// A run that differs from the first.
  package struct DifferentRun: Sendable, Equatable, Codable {
    /// Counted from 1.
    package let run: Int
    /// The number of elements that differ.
    package let count: Int
    /// The first of them.
    package let first: ElementIndex

    package init(run: Int, count: Int, first: ElementIndex) {
      self.run = run
      self.count = count
      self.first = first
    }
  }

  /// A pattern of differences between runs.
  package enum Pattern: String, Sendable, Codable {
    /// All runs but the first have the same bits.
    case state
    /// The runs after the first differ from each other too.
    case nonDeterminism = "non-determinism"
    /// There are only two runs.
    case undecided
  }

  /// The numbers of wrong elements in two runs: rotated ones beyond their limit, and copied ones with other bits.
  package struct WrongCounts: Sendable, Equatable, Codable {
    /// The number in the first run.
    package let first: Int
    /// The number in the first run that differs.
    package let later: Int

    package init(first: Int, later: Int) {
      self.first = first
      self.later = later
    }
  }
}

extension RunDisagreement: Encodable {
  private enum CodingKeys: String, CodingKey {
    case count, different, pattern, wrongCounts
  }

  /// Encodes the runs.
  ///
  /// The number of elements that differ, and the first of them, are in the violation itself.
  package func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(runCount, forKey: .count)
    try values.encode(runs, forKey: .different)
    try values.encode(pattern, forKey: .pattern)
    try values.encodeIfPresent(wrongCounts, forKey: .wrongCounts)
  }

  /// `count` is how many elements differ in any run; `places` are the first of them.
  init(from decoder: any Decoder, count: Int, places: [ElementIndex]) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      runCount: try values.decode(Int.self, forKey: .count), count: count, places: places,
      runs: try values.decode([DifferentRun].self, forKey: .different),
      pattern: try values.decode(Pattern.self, forKey: .pattern),
      wrongCounts: try values.decodeIfPresent(WrongCounts.self, forKey: .wrongCounts))
  }
}

extension RunDisagreement {
  /// The text of the disagreement: the runs that differ, the pattern, and the runs that are right.
  func lines(_ tensor: TensorName) -> [String] {
    runs.first.map { different in
      [
        "run \(different.run) of \(runCount) differs from run 1 in \(Self.elements(different.count)), first "
          + different.first.text(of: tensor),
        patternWords,
      ] + (wrongCounts.map { [Self.words($0, laterRun: different.run)] } ?? [])
    } ?? []
  }

  private var patternWords: String {
    switch pattern {
    case .undecided:
      return "two runs cannot distinguish a race from state that the first run leaves behind: use three or more"
    case .state:
      return
        "runs 2 \(runCount == 3 ? "and" : "to") \(runCount) have the same bits: this looks like state that the first "
        + "run leaves behind, not like a race"
    case .nonDeterminism:
      let same = runCount - 1 - runs.count
      guard same == 0 else {
        return "\(same) of the \(runCount - 1) later runs \(same == 1 ? "has" : "have") the bits of run 1: "
          + "this looks like non-determinism, such as a race, or like state that begins later"
      }
      return "the later runs also differ from each other, in \(Self.elements(count)) in total: this looks like "
        + "non-determinism, such as a race, or like state that every run changes"
    }
  }

  private static func words(_ counts: WrongCounts, laterRun: Int) -> String {
    func wrong(_ count: Int) -> String { "\(elements(count)) \(count == 1 ? "is" : "are") wrong" }
    return switch (counts.first, counts.later) {
    case (0, 0): "runs 1 and \(laterRun) are both right by themselves"
    case (0, let later): "run 1 is right by itself; in run \(laterRun), \(wrong(later))"
    case (let first, 0): "in run 1, \(wrong(first)); run \(laterRun) is right by itself"
    case (let first, let later): "in run 1, \(wrong(first)); in run \(laterRun), \(wrong(later))"
    }
  }

  private static func elements(_ count: Int) -> String { count == 1 ? "1 element" : "\(count) elements" }
}
