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

  /// The groups of some reports: most cases first, rounding last.
  ///
  /// A case that cannot tell its cause from that of other cases is counted with those.
  ///
  /// - Complexity: the number of failing cases times the number of causes.
  static func groups(of reports: [CaseReport]) -> [FailureGroup] {
    var rest = reports.filter { $0.outcome == .fails }.map { (name: $0.name, causes: $0.causes) }
    var known: [String: CaseCause] = [:]
    for case .some(let cause) in rest.map(\.causes.first) { known[cause.name] = known[cause.name] ?? cause }
    var groups: [FailureGroup] = []
    while let first = rest.first {
      // The cause that explains most; of several, that of the earliest case.
      var counts: [String: Int] = [:]
      for cause in rest.flatMap(\.causes) where known[cause.name] != nil { counts[cause.name, default: 0] += 1 }
      let most = counts.values.max() ?? 0
      let names = rest.lazy.flatMap(\.causes).map(\.name)
      guard let name = names.first(where: { counts[$0] == most }), let cause = known[name] else {
        return groups + [FailureGroup(cause: "unknown", bugs: [], isRounding: false, only: [], cases: [first.name])]
      }
      let mine = rest.filter { $0.causes.contains { $0.name == name } }
      let cases = mine.map(\.name)
      groups.append(
        FailureGroup(
          cause: cause.text, bugs: cause.bugs, isRounding: cause.isRounding,
          only: Set(cases).properties(among: reports),
          cases: cases))
      rest.removeAll { $0.causes.contains { $0.name == name } }
    }
    // Sorting is not stable by itself.
    return groups.enumerated().sorted {
      ($0.element.isRounding ? 1 : 0, -$0.element.cases.count, $0.offset)
        < ($1.element.isRounding ? 1 : 0, -$1.element.cases.count, $1.offset)
    }.map(\.element)
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
    return one { $0.elementType.rawValue } + one { $0.contract } + (least > most ? ["from \(least) tokens on"] : [])
  }
}

/// A cause that a case may have.
private struct CaseCause {
  /// Distinguishes it from other causes.
  let name: String
  let text: String
  var bugs: [String] = []
  var isRounding = false
}

extension CaseReport {
  /// What may have made the case fail, the most likely first; never empty.
  fileprivate var causes: [CaseCause] {
    // Without a statement on the first run, what did not hold exactly tells more.
    let isOfLaterRun = statements.allSatisfy { $0.run != nil && $0.cause.mistakes.isEmpty }
    if isOfLaterRun, let violation = verdict.violations.first {
      return [CaseCause(name: violation.kind.rawValue, text: violation.heading)]
    }
    guard let statement = statements.first else {
      return [CaseCause(name: "error", text: "errors beyond the limit, without a diagnosis")]
    }
    if statements.count == 1, case .changes(let changes, _, _) = statement.cause, changes.count == 1,
      case .mistake(let mistake) = changes[0]
    {
      return [CaseCause(name: mistake.name, text: changes[0].heading, bugs: mistake.bugs)]
        + mistake.indistinguishable.map { CaseCause(name: $0, text: $0) }
    }
    // Q and K may have one cause by different numbers.
    let headings = statements.map(\.heading)
    let text = headings.enumerated().filter { !headings[..<$0.offset].contains($0.element) }.map(\.element)
      .joined(separator: "; ")
    let cause = CaseCause(
      name: text, text: text, bugs: statements.flatMap(\.cause.mistakes).flatMap(\.bugs),
      isRounding: statements.allSatisfy(\.cause.isRounding))
    let known = statements.filter { $0.place == nil && $0.cause.measured.count == 1 && $0.cause.mistakes.isEmpty }
    return [cause] + known.prefix(1).compactMap(\.cause.measured[0].mistake).map { CaseCause(name: $0, text: $0) }
  }
}

extension Violation {
  /// The violation in a few words, without its numbers.
  fileprivate var heading: String {
    switch self {
    case .backendFailed: "the backend failed"
    case .evidence: "the device's own record contradicts the call"
    case .notWritten: "outputs were not written"
    case .notCopied: "channels outside the rotation were changed"
    case .writtenOutside: "memory outside the outputs was changed"
    case .notRepeatable: "the same call gave different bits in different runs"
    case .notConfined: "one input that is not finite spoils other results"
    case .rowsDiffer: "equal rows of the batch got different results"
    case .notRefused: "invalid calls are carried out"
    }
  }
}
