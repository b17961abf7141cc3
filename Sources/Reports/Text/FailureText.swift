import Conformance
import Diagnosis
import Files
import Goldens

extension RunReport {
  /// The causes that are shown in a terminal, and those of rounding; a report in a file has all.
  private static let shownGroups = 3

  /// The causes of the failing cases for people, with the first case of each, and what to do next.
  ///
  /// The first case of all is told in full, unless `isShort`.
  package func failures(_ style: TextStyle, isShort: Bool = false) -> [String] {
    let groups = summary.groups, wrong = groups.filter { !$0.isRounding }, rounding = groups.filter(\.isRounding)
    let shown = wrong.prefix(Self.shownGroups) + rounding.prefix(Self.shownGroups)
    var lines = shown.enumerated().flatMap { number, group in text(of: group, style, isFull: number == 0 && !isShort) }
    let others = wrong.dropFirst(Self.shownGroups) + rounding.dropFirst(Self.shownGroups)
    if !others.isEmpty {
      let count = others.reduce(0) { $0 + $1.cases.count }
      lines.append(
        "\(others.count) more cause\(others.count == 1 ? "" : "s") of \(count) case\(count == 1 ? "" : "s"): "
          + "the reports in files have \(others.count == 1 ? "it" : "them")")
    }
    guard let step = nextStep else { return lines }
    lines.append("\(style("next:", .label)) \(step.sentence.visible)")
    if let command = step.command { lines.append("    \(command.visible)") }
    return lines
  }

  private func text(of group: FailureGroup, _ style: TextStyle, isFull: Bool) -> [String] {
    let heading = style("✗ \(group.counted): \(group.cause.visible)", .bad)
    // What only rounds too much is told in one line.
    let place = group.cases.count == 1 ? "in" : "first in"
    if group.isRounding, !isFull { return ["\(heading), \(place) \(group.example.visible)"] }
    guard let report = example(of: group) else { return [heading] }
    var lines = [heading]
    if isFull {
      lines += report.example(style).map { "  \($0)" }
    } else {
      lines.append("  ✗ \(group.example.visible): \(report.reason.visible)")
    }
    lines += group.threads.map { "  \(style("reported:", .label)) \($0)" }
    if let repeated = repeatCommand(of: group) {
      lines.append("  \(style("repeat:", .label)) \(repeated.visible)")
    }
    return lines
  }
}

extension FailureGroup {
  /// The number of cases in words, with what only they have.
  var counted: String {
    (cases.count == 1 ? "1 case" : "\(cases.count) cases")
      + (only.isEmpty ? "" : " (only \(only.joined(separator: ", ")))")
  }

  /// The published bugs that are this cause.
  var published: [Bug] { Bug.all.filter { bugs.contains($0.id) } }

  /// The threads of the published bugs in one line, as addresses where they are known; none without one.
  fileprivate var threads: [String] {
    let threads = published.map { $0.link ?? $0.thread }
    return threads.isEmpty ? [] : [threads.joined(separator: " ")]
  }
}

extension CaseReport {
  /// The most telling sentence on a failing case: a difference between runs comes first, unless a diagnosis names a mistake
  /// or is about the first run.
  var reason: String {
    let isNamed = statements.contains { statement in
      statement.run == nil || !statement.cause.mistakes.isEmpty || !statement.cause.measured.isEmpty
    }
    let labels = isNamed ? ["diagnosis", "integrity", "accuracy"] : ["integrity", "diagnosis", "accuracy"]
    return labels.lazy.compactMap { label in details.first { $0.label == label }?.lines.first }.first ?? "no outputs"
  }
}
