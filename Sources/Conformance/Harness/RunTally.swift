import Goldens
import RoPE

/// How later runs differ from the first, in one tensor or in a part of it.
struct RunDifferences: Sendable {
  /// By index in the workload's layout, whether any run differs there; empty while none does.
  private var differs: [Bool] = []
  /// Of each run from the second on, how many elements differ, and the first of them.
  fileprivate private(set) var runs: [(count: Int, first: Int?)] = []
  /// What the second run gave, where it differs.
  private var second: ElementArray?
  /// Whether the second run and those behind it have the same bits.
  fileprivate private(set) var laterAgree = true

  /// Notes the next run.
  ///
  /// - Returns: whether it differs from the first.
  @discardableResult
  mutating func compare(_ first: ElementArray, with later: ElementArray) -> Bool {
    guard !Self.isSame(first, later) else {
      laterAgree = laterAgree && second == nil
      runs.append((0, nil))
      return false
    }
    if runs.isEmpty {
      second = later
    } else {
      laterAgree = laterAgree && second.map { Self.isSame($0, later) } ?? false
    }
    if differs.isEmpty { differs = Array(repeating: false, count: first.count) }
    var run: (count: Int, first: Int?) = (0, nil)
    for index in 0..<first.count where first[index] != later[index] {
      run = (run.count + 1, run.first ?? index)
      differs[index] = true
    }
    runs.append(run)
    return true
  }

  private static func isSame(_ first: ElementArray, _ second: ElementArray) -> Bool {
    first.bytes.withUnsafeBytes { first in second.bytes.withUnsafeBytes { first.hasBytes(of: $0) } }
  }

  /// Of all runs together, how many elements differ in any, and the first of them, ascending.
  fileprivate func places(atMost count: Int) -> (count: Int, first: [Int]) {
    var found: (count: Int, first: [Int]) = (0, [])
    for index in differs.indices where differs[index] {
      if found.count < count { found.first.append(index) }
      found.count += 1
    }
    return found
  }
}

/// How the runs of a case differ in one tensor.
struct RunTally: Sendable {
  /// Places that a violation names.
  private static let placeCount = 8

  private var count = 0
  /// Ascending.
  private var first: [Int] = []
  private var runs: [(count: Int, first: Int?)] = []
  private var laterAgree = true

  /// Adds a part of the tensor.
  ///
  /// - Parameter offset: the index of the part's first element in the tensor.
  mutating func add(_ part: RunDifferences, offset: Int = 0) {
    let found = part.places(atMost: Self.placeCount)
    count += found.count
    first = Array((first + found.first.map { $0 + offset }).sorted().prefix(Self.placeCount))
    if runs.isEmpty { runs = part.runs.map { _ in (0, nil) } }
    for (index, run) in part.runs.enumerated() {
      runs[index].count += run.count
      runs[index].first = [runs[index].first, run.first.map { $0 + offset }].compactMap(\.self).min()
    }
    laterAgree = laterAgree && part.laterAgree
  }

  /// The first run that differs, counted from 1; nil where none does.
  var firstDifferent: Int? { runs.firstIndex { $0.count > 0 }.map { $0 + 2 } }

  /// Of each run from the second on, whether it differs from the first.
  fileprivate var differs: [Bool] { runs.map { $0.count > 0 } }

  fileprivate var pattern: RunDisagreement.Pattern {
    runs.count == 1 ? .undecided : laterAgree ? .state : .nonDeterminism
  }

  /// What differs; nil where nothing does.
  ///
  /// - Parameter wrongCounts: those of the first run and of the first that differs, if that was judged.
  func disagreement(
    heads: Int, of goldenCase: Case, _ wrongCounts: RunDisagreement.WrongCounts?
  ) -> RunDisagreement? {
    guard firstDifferent != nil else { return nil }
    return RunDisagreement(
      runCount: runs.count + 1, count: count, places: first.map { goldenCase.place(of: $0, heads: heads) },
      runs: runs.enumerated().compactMap { index, run in
        run.first.map { .init(run: index + 2, count: run.count, first: goldenCase.place(of: $0, heads: heads)) }
      },
      pattern: pattern,
      wrongCounts: wrongCounts)
  }
}

/// How the runs of a case differ.
struct RunComparison: Sendable {
  private var query = RunTally()
  private var key = RunTally()

  /// Adds a tensor, or a part of it.
  ///
  /// - Parameter offset: the index of the part's first element in the tensor.
  mutating func add(_ part: RunDifferences, _ tensor: TensorName, offset: Int = 0) {
    switch tensor {
    case .query: query.add(part, offset: offset)
    case .key: key.add(part, offset: offset)
    }
  }

  /// The first run that differs in any tensor, counted from 1; nil where none does.
  var firstDifferent: Int? { [query.firstDifferent, key.firstDifferent].compactMap(\.self).min() }

  /// Whether no later run has the bits of the first, as where each call finds what earlier ones left behind.
  var canBeState: Bool { zip(query.differs, key.differs).allSatisfy { $0 || $1 } }

  /// Whether every tensor that differs looks like state, and so has one result in all later runs.
  fileprivate var isState: Bool {
    [query, key].allSatisfy { $0.firstDifferent == nil || $0.pattern == .state }
  }

  /// - Parameters:
  ///   - first: the result of the first run.
  ///   - later: that of the first run that differs, by itself.
  fileprivate func violations(of goldenCase: Case, _ first: CaseResult, _ later: CaseResult?) -> [Violation] {
    let workload = goldenCase.workload
    return [(TensorName.query, query, workload.queryHeads), (.key, key, workload.keyHeads)].compactMap {
      tensor, tally, heads in
      // Another run than the first that differs in this tensor may be the one that was judged.
      let judged = tally.firstDifferent == firstDifferent ? later : nil
      let counts = judged.map {
        RunDisagreement.WrongCounts(first: first.wrongCount(in: tensor), later: $0.wrongCount(in: tensor))
      }
      return tally.disagreement(heads: heads, of: goldenCase, counts).map {
        .notRepeatable(tensor: tensor, $0)
      }
    }
  }
}

extension CaseResult {
  /// Adds how later runs differ from the one that this is the result of.
  ///
  /// - Parameter later: the result of the first run that differs, by itself.
  mutating func add(_ comparison: RunComparison, later: CaseResult?, of goldenCase: Case) {
    let isRight = conforms
    violations = comparison.violations(of: goldenCase, self, later) + violations
    guard let run = comparison.firstDifferent, let later else { return }
    if isRight {
      violations += later.violations
      profile = later.profile
    }
    // Bits that change from run to run are not how a computation rounds.
    let statements = (later.diagnosis?.statements ?? []).filter { comparison.isState || !$0.cause.isRounding }
    guard !statements.isEmpty else { return }
    diagnosis = Diagnosis(statements: (diagnosis?.statements ?? []) + statements.map { $0.of(run: run) })
  }

  /// Elements of a tensor that are wrong by themselves: rotated ones beyond their limit, and copied ones with other bits.
  fileprivate func wrongCount(in tensor: TensorName) -> Int {
    (accuracy?.failedCount(in: tensor) ?? 0) + (wrongCopyCounts[tensor] ?? 0)
  }
}
