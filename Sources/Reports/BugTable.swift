import Goldens

/// The cases that catch each published bug, as a table in Markdown.
package struct BugTable: Sendable {
  private let manifest: Manifest

  /// Makes the table of a manifest.
  package init(_ manifest: Manifest) { self.manifest = manifest }

  /// One line for each bug, then those that no case catches.
  package var text: String {
    var lines = ["| bug | reported in | mistake | cases | for example |", "|---|---|---|---|---|"]
    for bug in Bug.all where bug.unseenReason == nil {
      let cases = manifest.cases.filter { $0.flags.contains(bug.id) }
      let example = cases.first.map { "`\($0.name)`" } ?? "none"
      lines.append("| \(bug.id) | \(bug.thread) | \(bug.mistake) | \(cases.count) | \(example) |")
    }
    lines += ["", "No case catches these:", "", "| bug | reported in | mistake | reason |", "|---|---|---|---|"]
    for bug in Bug.all {
      guard let reason = bug.unseenReason else { continue }
      lines.append("| \(bug.id) | \(bug.thread) | \(bug.mistake) | \(reason) |")
    }
    return lines.joined(separator: "\n")
  }
}
