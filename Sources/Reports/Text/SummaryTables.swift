import Conformance
import Foundation
import Goldens
import Judging
import RoPE

extension RunSummary {
  /// A row for each section and one for their sum; a row for each element type, unless nothing rotates; a row for each
  /// contract and element type, unless no case has a grade; a row for each contract, unless no case has outputs.
  var tables: [Table] {
    [outcomeTable] + [elementTable, gradeTable, reachTable].filter { !$0.rows.isEmpty }
  }

  /// What was judged, and with what errors: the tables that matter even where causes of failures say the rest.
  var tablesOfWhatWasJudged: [Table] { [elementTable, reachTable].filter { !$0.rows.isEmpty } }

  /// The number of cases and their outcomes in one line.
  var counts: String {
    let total = total
    return "\(total.cases) \(total.cases == 1 ? "case" : "cases"): \(total.conforming) "
      + "\(total.conforming == 1 ? "conforms" : "conform"), \(total.failing) "
      + "\(total.failing == 1 ? "fails" : "fail"), \(total.unsupported) unsupported"
  }

  private var outcomeTable: Table {
    let total = total
    let rows = sections.map { ($0.section.rawValue, $0.caseCount, $0.conforming, $0.failing, $0.unsupported) }
    return Table(
      heading: ["section", "cases", "conform", "fail", "unsupported"],
      rows: (rows + [("all", total.cases, total.conforming, total.failing, total.unsupported)]).map {
        [$0.0, "\($0.1)", "\($0.2)", "\($0.3)", "\($0.4)"]
      })
  }

  private var elementTable: Table {
    Table(
      heading: ["rotated elements", "count", "correctly rounded", "largest error / limit", "mean signed error"],
      rows: elements.map {
        let share = 100 * Double($0.correctlyRoundedCount) / Double($0.elementCount)
        return [
          $0.elementType.rawValue, "\($0.elementCount)", String(format: "%.3f %%", share),
          $0.largestSeverity.threeDigits, $0.meanSignedError?.inULP ?? "",
        ]
      })
  }

  /// The largest sizes of the calls that were judged.
  private var reachTable: Table {
    Table(
      heading: ["largest judged", "tokens", "heads", "batch", "table rows", "position", "elements"],
      rows: reach.map {
        [
          $0.contract.rawValue, "\($0.tokens)", "\($0.heads)", "\($0.batch)",
          $0.contract == .table ? "\($0.tableRows)" : "", $0.contract == .unrotated ? "" : $0.position.shortest,
          "\($0.elements)",
        ]
      })
  }

  /// A column for each grade that occurs, the tightest first.
  private var gradeTable: Table {
    let names = Set(grades.map(\.grade)).sorted { GradeOrder.index(of: $0) < GradeOrder.index(of: $1) }
    var table = Table(heading: ["cases by grade"] + names.map { $0 ?? "none" }, rows: [])
    guard names != [nil] else { return table }
    for grade in grades {
      let name = "\(grade.contract), \(grade.elementType.rawValue)"
      if table.rows.last?[0] != name { table.rows.append([name] + names.map { _ in "0" }) }
      guard let column = names.firstIndex(of: grade.grade) else { continue }
      table.rows[table.rows.count - 1][column + 1] = "\(grade.caseCount)"
    }
    return table
  }
}
