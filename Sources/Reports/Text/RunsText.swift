import Conformance

extension RunsReport {
  /// How the runs differ: which, what it looks like, and which are right.
  ///
  /// - Parameter elementCount: how many elements differ in any run.
  func lines(_ tensor: TensorName, elementCount: Int) -> [String] {
    different.first.map { different in
      [
        "run \(different.run) of \(count) differs from run 1 in \(Self.elements(different.count)), first "
          + ElementText.place(tensor, different.first),
        patternWords(elementCount),
      ] + (wrongCounts.map { [$0.words(laterRun: different.run)] } ?? [])
    } ?? []
  }

  private func patternWords(_ elementCount: Int) -> String {
    switch pattern {
    case .undecided:
      return "two runs do not tell state that the first leaves behind from a race: three or more do"
    case .state:
      return "runs 2 \(count == 3 ? "and" : "to") \(count) have the same bits: it looks like state that the first run "
        + "leaves behind, not like a race"
    case .nonDeterminism:
      let same = count - 1 - different.count
      guard same == 0 else {
        return "\(same) of the \(count - 1) later runs \(same == 1 ? "has" : "have") the bits of run 1: "
          + "it looks like non-determinism, such as a race, or like state that begins later"
      }
      return "the later runs differ from each other too, in all in \(Self.elements(elementCount)): it looks like "
        + "non-determinism, such as a race, or like state that every run changes"
    }
  }

  fileprivate static func elements(_ count: Int) -> String { count == 1 ? "1 element" : "\(count) elements" }
}

extension RunDisagreement.WrongCounts {
  fileprivate func words(laterRun: Int) -> String {
    func wrong(_ count: Int) -> String { "\(RunsReport.elements(count)) \(count == 1 ? "is" : "are") wrong" }
    return switch (first, later) {
    case (0, 0): "runs 1 and \(laterRun) are both right by themselves"
    case (0, _): "run 1 is right by itself; in run \(laterRun), \(wrong(later))"
    case (_, 0): "in run 1, \(wrong(first)); run \(laterRun) is right by itself"
    default: "in run 1, \(wrong(first)); in run \(laterRun), \(wrong(later))"
    }
  }
}
