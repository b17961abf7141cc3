import Conformance
public import Goldens
public import RoPE

/// The counts of a run by section of the suite, its accuracy by element type, and its grades.
public struct RunSummary: Codable, Sendable, Equatable {
  /// The outcomes of one section.
  public struct Section: Codable, Sendable, Equatable {
    public let section: Workload.Section
    public internal(set) var conforming = 0
    public internal(set) var failing = 0
    public internal(set) var unsupported = 0

    /// All of them.
    public var caseCount: Int { conforming + failing + unsupported }
  }

  /// The rotated elements of one type.
  public struct Elements: Codable, Sendable, Equatable {
    public let elementType: ElementType
    public internal(set) var elementCount = 0
    public internal(set) var correctlyRoundedCount = 0
    /// The largest error as a multiple of its limit, among what is not correctly rounded.
    public internal(set) var largestSeverity = 0.0
  }

  /// The cases of one contract and element type that have one grade.
  public struct Grade: Codable, Sendable, Equatable {
    public let contract: String
    public let elementType: ElementType
    /// The name of the tightest budget that holds; nil where none does.
    public let grade: String?
    public internal(set) var caseCount = 0
  }

  /// In the order of the suite.
  public private(set) var sections: [Section] = []
  /// In the order of the types.
  public private(set) var elements: [Elements] = []
  /// By contract, then element type, then from the tightest grade to none.
  public private(set) var grades: [Grade] = []
  /// Seconds that the cases took.
  public private(set) var seconds = 0.0
  /// What is wrong beside the cases, a sentence each.
  public internal(set) var problems: [String] = []

  /// A run without cases.
  public init() {}

  /// Counts one case.
  public mutating func add(_ report: CaseReport) {
    seconds += report.seconds ?? 0
    let section = sections.index(of: Section(section: report.section)) { Self.order($0.section) }
    switch report.outcome {
    case .conforms: sections[section].conforming += 1
    case .fails: sections[section].failing += 1
    case .unsupported: sections[section].unsupported += 1
    }
    guard let accuracy = report.accuracy, accuracy.elementCount > 0 else { return }
    let type = elements.index(of: Elements(elementType: report.elementType)) { Self.order($0.elementType) }
    elements[type].elementCount += accuracy.elementCount
    elements[type].correctlyRoundedCount += accuracy.correctlyRoundedCount
    elements[type].largestSeverity = max(elements[type].largestSeverity, accuracy.worst?.severity ?? 0)
    let grade = grades.index(
      of: Grade(contract: report.contract, elementType: report.elementType, grade: report.grade?.name)
    ) { GradeOrder(contract: $0.contract, type: Self.order($0.elementType), grade: GradeOrder.index(of: $0.grade)) }
    grades[grade].caseCount += 1
  }

  /// All sections together.
  public var total: (cases: Int, conforming: Int, failing: Int, unsupported: Int) {
    sections.reduce(into: (0, 0, 0, 0)) { sum, section in
      sum.0 += section.caseCount
      sum.1 += section.conforming
      sum.2 += section.failing
      sum.3 += section.unsupported
    }
  }

  /// Whether a case conforms, none fails, and nothing else is wrong. Unsupported cases count neither way.
  public var conforms: Bool { total.failing == 0 && total.conforming > 0 && problems.isEmpty }

  private static func order<Value: CaseIterable & Equatable>(_ value: Value) -> Int {
    Value.allCases.enumerated().first { $0.element == value }?.offset ?? 0
  }
}

extension Array {
  /// Where the row with the key of `new` is; adds it in its order where there is none.
  fileprivate mutating func index<Key: Comparable>(of new: Element, by key: (Element) -> Key) -> Int {
    let wanted = key(new)
    let index = firstIndex { key($0) >= wanted } ?? endIndex
    if index == endIndex || key(self[index]) != wanted { insert(new, at: index) }
    return index
  }
}
