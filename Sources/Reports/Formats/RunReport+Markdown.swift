import Conformance
import Files
import Goldens
import Judging

extension RunReport {
  /// The run as Markdown for the summary of a CI job: the result, the causes of failures, the next step, and what was
  /// judged.
  package var markdown: String {
    let summary = summary, groups = summary.groups
    var parts = [
      "## \(result.prefix(1).uppercased() + result.dropFirst()): \(header.backend.summary.markdown)",
      "\(summary.counts) (profile \(header.profile.markdown)).",
    ]
    parts += groups.filter { !$0.isRounding }.map(markdown)
    let rounding = groups.filter(\.isRounding)
    if !rounding.isEmpty {
      let count = rounding.reduce(0) { $0 + $1.cases.count }
      parts.append(
        "<details><summary>\(count == 1 ? "1 case fails" : "\(count) cases fail") by rounding alone</summary>\n\n"
          + rounding.map(markdown).joined(separator: "\n\n") + "\n\n</details>")
    }
    parts += summary.problems.map { "**Problem:** \($0.markdown)" }
    if let step = nextStep {
      parts.append("**Next:** \(step.sentence.markdown)" + (step.command.map { "\n\n    \($0.visible)" } ?? ""))
    }
    parts += summary.tablesOfWhatWasJudged.map(\.markdown)
    parts += remarks.map { "Remark: \($0.markdown)" } + header.notChecked.map { "Not checked: \($0.markdown)" }
    return parts.joined(separator: "\n\n") + "\n"
  }

  private func markdown(of group: FailureGroup) -> String {
    var text = "### ✗ \(group.counted): \(group.cause.markdown)"
    if let report = example(of: group) {
      text += "\n\n`\(group.example.visible)`: \(report.reason.markdown)"
    }
    let threads = group.published.map { bug in
      bug.link.map { "[\(bug.id), \(bug.thread)](\($0))" } ?? "\(bug.id), \(bug.thread)"
    }
    if !threads.isEmpty { text += "\n\nReported as \(threads.joined(separator: "; "))." }
    if let command = repeatCommand(of: group) {
      text += "\n\n    \(command.visible)"
    }
    return text
  }
}

extension String {
  /// The text with the characters escaped that Markdown or HTML would read as marks, in one line.
  fileprivate var markdown: String {
    var text = ""
    for character in visibleLines {
      switch character {
      case "\\", "`", "*", "_", "[", "]", "<", ">", "#", "|", "&": text += "\\\(character)"
      case "\n": text += " "
      default: text.append(character)
      }
    }
    return text
  }
}
