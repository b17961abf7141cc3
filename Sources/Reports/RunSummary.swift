public import Conformance
import Foundation
import Goldens
import RoPE

/// The counts of a run by section of the suite, and its accuracy by element type.
public struct RunSummary: Sendable {
  private var sections: [Workload.Section: Outcomes] = [:]
  private var types: [ElementType: Accuracy] = [:]

  private struct Outcomes {
    var conforming = 0
    var failing = 0
    var unsupported = 0

    static func + (left: Outcomes, right: Outcomes) -> Outcomes {
      Outcomes(
        conforming: left.conforming + right.conforming, failing: left.failing + right.failing,
        unsupported: left.unsupported + right.unsupported)
    }
  }

  /// A run without verdicts.
  public init() {}

  /// Counts one verdict.
  public mutating func add(_ verdict: Verdict) {
    switch verdict.outcome {
    case .conforms: sections[verdict.section, default: Outcomes()].conforming += 1
    case .fails: sections[verdict.section, default: Outcomes()].failing += 1
    case .unsupported: sections[verdict.section, default: Outcomes()].unsupported += 1
    }
    guard let accuracy = verdict.accuracy, accuracy.elementCount > 0 else { return }
    types[verdict.elementType, default: Accuracy()].merge(accuracy)
  }

  /// Whether a case conforms and none fails. Unsupported cases count neither way.
  public var conforms: Bool { total.failing == 0 && total.conforming > 0 }

  private var total: Outcomes { sections.values.reduce(Outcomes(), +) }

  /// Two tables: a line per section with its sum, and a line per element type.
  public var text: String {
    var outcomes = [["section", "cases", "conform", "fail", "unsupported"]]
    for section in Workload.Section.allCases {
      if let counts = sections[section] { outcomes.append(Self.cells(section.rawValue, counts)) }
    }
    outcomes.append(Self.cells("all", total))
    var accuracies = [["rotated elements", "count", "correctly rounded", "largest error / limit"]]
    for type in ElementType.allCases {
      if let accuracy = types[type] { accuracies.append(Self.cells(type, accuracy)) }
    }
    let tables = accuracies.count > 1 ? [outcomes, accuracies] : [outcomes]
    return tables.map(Self.aligned).joined(separator: "\n\n")
  }

  private static func cells(_ name: String, _ counts: Outcomes) -> [String] {
    let all = counts.conforming + counts.failing + counts.unsupported
    return [name] + [all, counts.conforming, counts.failing, counts.unsupported].map(String.init)
  }

  private static func cells(_ type: ElementType, _ accuracy: Accuracy) -> [String] {
    let share = 100 * Double(accuracy.correctlyRoundedCount) / Double(accuracy.elementCount)
    return [
      type.rawValue, "\(accuracy.elementCount)", String(format: "%.3f %%", share),
      ElementText.short(accuracy.worst?.severity ?? 0),
    ]
  }

  /// Columns wide enough for their cells, the first flush left, the others flush right.
  private static func aligned(_ lines: [[String]]) -> String {
    let columns = lines.first?.indices ?? 0..<0
    let widths = columns.map { column in lines.map { $0[column].count }.max() ?? 0 }
    return lines.map { cells in
      columns.map { column in
        let padding = String(repeating: " ", count: widths[column] - cells[column].count)
        return column == 0 ? cells[column] + padding : padding + cells[column]
      }.joined(separator: "  ")
    }.joined(separator: "\n")
  }
}
