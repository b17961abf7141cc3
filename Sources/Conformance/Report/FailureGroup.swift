import Diagnosis
import Judging
import RoPE

/// The failing cases of a run that have one cause.
package struct FailureGroup: Sendable, Equatable, Codable {
  /// The cause in a few words, without what differs from case to case.
  package let cause: String
  /// The ids of the published bugs that are this cause, such as `B04`.
  package let bugs: [String]
  /// True if only rounding is wrong.
  package let isRounding: Bool
  /// What only its cases have, of those that were judged, such as `f16` or `from 2100 tokens on`; empty if nothing.
  package let only: [String]
  /// The names of its cases, in the order of the run.
  package let cases: [String]

  /// The name of the first case.
  package var example: String { cases.first ?? "" }

  /// The groups of some reports, the worst first: gross errors, small ones, and what only rounds too much; of equally bad
  /// ones, that of most cases.
  ///
  /// A case that cannot tell its cause from that of other cases is counted with those.
  ///
  /// - Complexity: the number of failing cases times the number of causes.
  static func groups(of reports: [CaseReport]) -> [FailureGroup] {
    var rest = reports.filter { $0.outcome == .fails }.map { (report: $0, causes: $0.causes) }
    var known: [String: CaseCause] = [:]
    for case .some(let cause) in rest.map(\.causes.first) { known[cause.name] = known[cause.name] ?? cause }
    var groups: [(group: FailureGroup, badness: Int)] = []
    while let first = rest.first {
      // The cause that explains most; of several, that of the earliest case.
      var counts: [String: Int] = [:]
      for cause in rest.flatMap(\.causes) where known[cause.name] != nil { counts[cause.name, default: 0] += 1 }
      let most = counts.values.max() ?? 0
      let names = rest.lazy.flatMap(\.causes).map(\.name)
      // Every case has a cause, and the first of one is known.
      let name = names.first { counts[$0] == most } ?? first.causes[0].name, cause = known[name] ?? first.causes[0]
      let mine = rest.filter { $0.causes.contains { $0.name == name } }.map(\.report)
      groups.append(
        (
          FailureGroup(
            cause: cause.text, bugs: cause.bugs, isRounding: cause.isRounding,
            only: Set(mine.map(\.name)).properties(among: reports), cases: mine.map(\.name)),
          cause.isRounding ? 0 : mine.contains { $0.isGross } ? 2 : 1
        ))
      rest.removeAll { $0.causes.contains { $0.name == name } }
    }
    // Sorting is not stable by itself.
    return groups.enumerated().sorted {
      (-$0.element.badness, -$0.element.group.cases.count, $0.offset)
        < (-$1.element.badness, -$1.element.group.cases.count, $1.offset)
    }.map(\.element.group)
  }
}

extension RunReport {
  /// The report on the first case of a group; nil if the run has no such case.
  package func example(of group: FailureGroup) -> CaseReport? { cases.first { $0.name == group.example } }

  /// The command that runs the first case of a group again; nil if no command started the run.
  package func repeatCommand(of group: FailureGroup) -> String? {
    header.origin?.command(with: ["--case", group.example, "--verbose"])
  }
}

extension Set<String> {
  /// The element type, contract or size that these cases share and no other judged case has.
  ///
  /// A size says something only if smaller calls are right: otherwise the same cause may have another name there.
  fileprivate func properties(among reports: [CaseReport]) -> [String] {
    let judged = reports.map(\.verdict).filter { $0.reach != nil }
    let mine = judged.filter { contains($0.caseName) }, others = judged.filter { !contains($0.caseName) }
    func one(_ value: (Verdict) -> String) -> [String] {
      let values = Set(mine.map(value))
      return values.count == 1 && !others.isEmpty && !others.contains { values.contains(value($0)) }
        ? values.sorted() : []
    }
    // A kernel that is right in small calls is wrong in every large one.
    let least = mine.compactMap(\.reach?.tokens).min() ?? 0, most = others.compactMap(\.reach?.tokens).max() ?? least
    let isOfSize = least > most && !others.contains { $0.outcome == .fails }
    return one { $0.elementType.rawValue } + one { $0.contract } + (isOfSize ? ["from \(least) tokens on"] : [])
  }
}
