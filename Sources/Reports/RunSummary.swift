public import Conformance
import Foundation
import Goldens

/// The counts of a run, by section.
public struct RunSummary: Sendable {
  private var rows: [Workload.Section: Row] = [:]

  fileprivate struct Row {
    var conforms = 0
    var fails = 0
    var unsupported = 0
    var elements = 0
    var correctlyRounded = 0
    var largestULPError = 0.0

    var cases: Int { conforms + fails + unsupported }
  }

  public init() {}

  /// Counts one verdict.
  public mutating func add(_ verdict: Verdict) {
    rows[verdict.section, default: Row()].add(verdict)
  }

  /// Whether a case conforms and none fails. Unsupported cases count neither way.
  public var conforms: Bool { total.fails == 0 && total.conforms > 0 }

  private var total: Row {
    rows.values.reduce(into: Row()) { total, row in
      total.conforms += row.conforms
      total.fails += row.fails
      total.unsupported += row.unsupported
      total.elements += row.elements
      total.correctlyRounded += row.correctlyRounded
      total.largestULPError = max(total.largestULPError, row.largestULPError)
    }
  }

  /// A table with one line per section, and the sum.
  public var text: String {
    let header = ["section", "cases", "conform", "fail", "unsupported", "correctly rounded", "worst ULP"]
    var lines = [header]
    for section in Workload.Section.allCases {
      if let row = rows[section] { lines.append(row.cells(section.rawValue)) }
    }
    lines.append(total.cells("all"))
    let widths = header.indices.map { column in lines.map { $0[column].count }.max() ?? 0 }
    return lines.map { cells in
      cells.indices.map { column in
        let padding = String(repeating: " ", count: widths[column] - cells[column].count)
        return column == 0 ? cells[column] + padding : padding + cells[column]
      }.joined(separator: "  ")
    }.joined(separator: "\n")
  }
}

extension RunSummary.Row {
  fileprivate mutating func add(_ verdict: Verdict) {
    switch verdict.outcome {
    case .conforms: conforms += 1
    case .fails: fails += 1
    case .unsupported: unsupported += 1
    }
    guard let accuracy = verdict.accuracy else { return }
    elements += accuracy.elementCount
    correctlyRounded += accuracy.correctlyRoundedCount
    largestULPError = max(largestULPError, accuracy.largestULPError)
  }

  fileprivate func cells(_ name: String) -> [String] {
    let share = elements == 0 ? "–" : String(format: "%.3f %%", 100 * Double(correctlyRounded) / Double(elements))
    return [
      name, "\(cases)", "\(conforms)", "\(fails)", "\(unsupported)", share,
      elements == 0 ? "–" : ElementText.short(largestULPError),
    ]
  }
}
