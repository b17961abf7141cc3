import Files
import Goldens
import Judging
import RoPE

/// The counts of a run by section of the suite, its accuracy by element type, its grades, and its looser
/// tolerances.
package struct RunSummary: Codable, Sendable, Equatable {
  /// The outcomes of one section.
  package struct Section: Codable, Sendable, Equatable {
    package let section: Workload.Section
    package internal(set) var conforming = 0
    package internal(set) var failing = 0
    package internal(set) var unsupported = 0

    /// The number of all its cases.
    package var caseCount: Int { conforming + failing + unsupported }
  }

  /// The rotated elements of one type.
  package struct Elements: Codable, Sendable, Equatable {
    package let elementType: ElementType
    package internal(set) var elementCount = 0
    package internal(set) var correctlyRoundedCount = 0
    /// The largest error as a multiple of its limit, among elements that are not correctly rounded.
    package internal(set) var largestSeverity = 0.0
    /// The sum of signed errors in ULP, as in ``Accuracy``.
    package internal(set) var signedErrorSum = 0
    /// The number of elements whose signed errors are in the sum.
    package internal(set) var signedErrorCount = 0

    /// The mean signed error in ULP, as in ``Accuracy``; nil without elements.
    package var meanSignedError: Double? {
      signedErrorCount == 0 ? nil : Double(signedErrorSum) / Double(signedErrorCount)
    }
  }

  /// The cases of one contract and element type that have one grade.
  package struct Grade: Codable, Sendable, Equatable {
    package let contract: String
    package let elementType: ElementType
    /// The name of the tightest budget that holds; nil if none does.
    package let grade: String?
    package internal(set) var caseCount = 0
  }

  /// The cases that were judged by one budget that is looser for them than the one of the profile.
  package struct LooserTolerance: Codable, Sendable, Equatable {
    /// The name of the budget.
    package let budget: String
    package internal(set) var caseCount = 0
  }

  /// In the order of the suite.
  package private(set) var sections: [Section] = []
  /// In the order of the types.
  package private(set) var elements: [Elements] = []
  /// By contract, then element type, then from the tightest grade to none.
  package private(set) var grades: [Grade] = []
  /// The largest sizes that were judged, for each contract that has a case with outputs, in the order of the contracts.
  package private(set) var reach: [Reach] = []
  /// From tightest to loosest; budgets of the user's own come last, in the order of their names.
  package private(set) var looserTolerances: [LooserTolerance] = []
  /// Seconds that the cases took.
  package private(set) var seconds = 0.0
  /// The causes of the failing cases, most cases first, rounding last.
  package internal(set) var groups: [FailureGroup] = []
  /// Sentences on problems that belong to no case.
  package internal(set) var problems: [String] = []

  /// A run without cases.
  package init() {}

  /// Counts one case.
  package mutating func add(_ report: CaseReport) {
    seconds += report.seconds ?? 0
    let verdict = report.verdict
    let section = sections.index(of: Section(section: verdict.section)) { Self.order($0.section) }
    switch verdict.outcome {
    case .conforms: sections[section].conforming += 1
    case .fails: sections[section].failing += 1
    case .unsupported: sections[section].unsupported += 1
    }
    if let judged = verdict.reach {
      let index = reach.index(of: judged) { Self.order($0.contract) }
      reach[index].extend(to: judged)
    }
    guard let accuracy = verdict.accuracy, accuracy.elementCount > 0 else { return }
    let type = elements.index(of: Elements(elementType: verdict.elementType)) { Self.order($0.elementType) }
    // A report from elsewhere can have any numbers.
    elements[type].elementCount = elements[type].elementCount.saturatingSum(accuracy.elementCount)
    elements[type].correctlyRoundedCount = elements[type].correctlyRoundedCount.saturatingSum(
      accuracy.correctlyRoundedCount)
    elements[type].largestSeverity = max(elements[type].largestSeverity, accuracy.worst?.severity ?? 0)
    elements[type].signedErrorSum = elements[type].signedErrorSum.saturatingSum(accuracy.signedErrorSum)
    elements[type].signedErrorCount = elements[type].signedErrorCount.saturatingSum(accuracy.signedErrorCount)
    if verdict.isLooserThanProfile {
      let looser = looserTolerances.index(of: LooserTolerance(budget: verdict.rule.budget.name)) {
        LooserOrder(place: GradeOrder.index(of: $0.budget), name: $0.budget)
      }
      looserTolerances[looser].caseCount += 1
    }
    let grade = grades.index(
      of: Grade(contract: verdict.contract, elementType: verdict.elementType, grade: verdict.grade?.name)
    ) { GradeOrder(contract: $0.contract, type: Self.order($0.elementType), grade: GradeOrder.index(of: $0.grade)) }
    grades[grade].caseCount += 1
  }

  /// All sections together.
  package var total: (cases: Int, conforming: Int, failing: Int, unsupported: Int) {
    sections.reduce(into: (0, 0, 0, 0)) { sum, section in
      sum.0 += section.caseCount
      sum.1 += section.conforming
      sum.2 += section.failing
      sum.3 += section.unsupported
    }
  }

  /// True if a case conforms, none fails, and nothing else is wrong.
  ///
  /// Unsupported cases count neither way.
  package var conforms: Bool { total.failing == 0 && total.conforming > 0 && problems.isEmpty }

  private static func order<Value: CaseIterable & Equatable>(_ value: Value) -> Int {
    Value.allCases.enumerated().first { $0.element == value }?.offset ?? 0
  }
}

extension Array {
  /// The index of the row with the key of `new`, which is inserted in order if it is missing.
  fileprivate mutating func index<Key: Comparable>(of new: Element, by key: (Element) -> Key) -> Int {
    let wanted = key(new)
    let index = firstIndex { key($0) >= wanted } ?? endIndex
    if index == endIndex || key(self[index]) != wanted { insert(new, at: index) }
    return index
  }
}

/// The order of budgets that are looser than the default one.
private struct LooserOrder: Comparable {
  let place: Int
  let name: String

  static func < (left: LooserOrder, right: LooserOrder) -> Bool {
    (left.place, left.name) < (right.place, right.name)
  }
}

/// The order of the rows of grades.
package struct GradeOrder: Comparable {
  let contract: String
  let type: Int
  let grade: Int

  /// The number of named budgets that are tighter than a grade; no grade comes last.
  package static func index(of grade: String?) -> Int {
    grade.flatMap { name in Budget.named.firstIndex { $0.name == name } } ?? Budget.named.count
  }

  package static func < (left: GradeOrder, right: GradeOrder) -> Bool {
    (left.contract, left.type, left.grade) < (right.contract, right.type, right.grade)
  }
}
