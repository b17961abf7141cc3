import Conformance

/// The order of the rows of grades.
struct GradeOrder: Comparable {
  let contract: String
  let type: Int
  let grade: Int

  /// How many named budgets are tighter than a grade; no grade comes last.
  static func index(of grade: String?) -> Int {
    grade.flatMap { name in Budget.named.firstIndex { $0.name == name } } ?? Budget.named.count
  }

  static func < (left: GradeOrder, right: GradeOrder) -> Bool {
    (left.contract, left.type, left.grade) < (right.contract, right.type, right.grade)
  }
}
