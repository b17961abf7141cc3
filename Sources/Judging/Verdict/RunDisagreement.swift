import RoPE

/// How several runs on the same inputs differ in one tensor.
package struct RunDisagreement: Sendable, Equatable {
  /// How many runs gave outputs.
  package let runCount: Int
  /// How many elements differ from the first run's in any run.
  package let count: Int
  /// The first of them, at most eight.
  package let places: [ElementIndex]
  /// The runs that differ from the first, ascending; never empty.
  package let runs: [DifferentRun]
  /// What it looks like.
  package let pattern: Pattern
  /// How right the runs are by themselves; nil where the first of ``runs`` was not judged.
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
    /// How many elements differ.
    package let count: Int
    /// The first of them.
    package let first: ElementIndex

    package init(run: Int, count: Int, first: ElementIndex) {
      self.run = run
      self.count = count
      self.first = first
    }
  }

  /// What runs that differ look like.
  package enum Pattern: String, Sendable, Codable {
    /// All runs but the first have the same bits.
    case state
    /// The runs behind the first differ from each other too.
    case nonDeterminism = "non-determinism"
    /// There are two runs.
    case undecided
  }

  /// Elements of two runs that are wrong by themselves: rotated ones beyond their limit, and copied ones with other bits.
  package struct WrongCounts: Sendable, Equatable, Codable {
    /// Of the first run.
    package let first: Int
    /// Of the first run that differs.
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

  /// The runs; how many elements differ, and which first, stand beside them in a violation.
  package func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(runCount, forKey: .count)
    try values.encode(runs, forKey: .different)
    try values.encode(pattern, forKey: .pattern)
    try values.encodeIfPresent(wrongCounts, forKey: .wrongCounts)
  }

  /// - Parameters:
  ///   - count: how many elements differ in any run.
  ///   - places: the first of them.
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
  /// How the runs differ: which, what it looks like, and which are right.
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
