import Conformance
import Judging
import RoPE

/// The outcomes of a run by model, and by contract and element type: a mistake in one model shows as a row, one in a
/// path of the backend as a column.
struct OutcomeMatrix {
  /// The number of models above which only those that fail are shown.
  private static let fewModels = 25

  fileprivate struct Column: Hashable {
    let contract: String
    let elementType: ElementType
  }

  /// The outcomes of the cases of one cell.
  fileprivate struct Cell {
    var conforming = 0, failing = 0, unsupported = 0

    mutating func add(_ outcome: Outcome) {
      switch outcome {
      case .conforms: conforming += 1
      case .fails: failing += 1
      case .unsupported: unsupported += 1
      }
    }
  }

  private struct Row {
    let model: String
    var cells: [Column: Cell] = [:]

    var fails: Bool { cells.values.contains { $0.failing > 0 } }
    var conformsWholly: Bool { cells.values.allSatisfy { $0.failing == 0 && $0.unsupported == 0 } }
  }

  private let rows: [Row]
  private let columns: [Column]
  /// The models that are not shown.
  private let leftOut: [Row]

  /// Counts cases; models are in order of appearance.
  init(_ cases: [CaseReport]) {
    var all: [Row] = [], indices: [String: Int] = [:]
    for verdict in cases.map(\.verdict) {
      let index = indices[verdict.model] ?? all.count
      if index == all.count { all.append(Row(model: verdict.model)) }
      indices[verdict.model] = index
      let column = Column(contract: verdict.contract, elementType: verdict.elementType)
      all[index].cells[column, default: Cell()].add(verdict.outcome)
    }
    rows = all.count > Self.fewModels ? all.filter(\.fails) : all
    leftOut = all.count > Self.fewModels ? all.filter { !$0.fails } : []
    columns = Set(rows.flatMap(\.cells.keys)).sorted { $0.order < $1.order }
  }

  /// The section with the table, which scrolls by itself; nothing without cases.
  var html: String {
    let body = rows.map { row in
      let cells = columns.map { row.cells[$0]?.html ?? "<td></td>" }
      return "<tr><th scope=\"row\">\(row.model.breakable)</th>\(cells.joined())</tr>"
    }
    let table = """
      <p class="quiet">Failing cases of all; ✓ where all conform; – where all are unsupported; \
      ✓ with numbers where some are unsupported and the others conform</p>
      <div class="wide matrix"><table>
      <thead>\(head)</thead>
      <tbody>
      \(body.joined(separator: "\n"))
      </tbody></table></div>
      """
    return ReportPage.section("Models", [rows.isEmpty ? "" : table, note])
  }

  /// The contracts, and below each its element types.
  private var head: String {
    var contracts: [(name: String, count: Int)] = []
    for column in columns {
      if contracts.last?.name == column.contract {
        contracts[contracts.count - 1].count += 1
      } else {
        contracts.append((column.contract, 1))
      }
    }
    let upper = contracts.map { "<th scope=\"colgroup\" colspan=\"\($0.count)\">\($0.name.escaped)</th>" }
    let lower = columns.map { "<th scope=\"col\">\($0.elementType.shortName)</th>" }
    return "<tr><th scope=\"col\" rowspan=\"2\">model</th>\(upper.joined())</tr>\n<tr>\(lower.joined())</tr>"
  }

  /// The models that are not shown, in numbers.
  private var note: String {
    guard !leftOut.isEmpty else { return "" }
    let whole = leftOut.count { $0.conformsWholly }, partly = leftOut.count - whole
    func counted(_ count: Int, _ one: String, _ several: String) -> [String] {
      count == 0 ? [] : ["\(count) \(count == 1 ? "model \(one)" : "models \(several)")"]
    }
    let parts =
      counted(whole, "conforms wholly", "conform wholly")
      + counted(partly, "has unsupported cases and none that fails", "have unsupported cases and none that fails")
    return "<p>\(rows.isEmpty ? "" : "Not shown: ")\(parts.joined(separator: "; "))</p>"
  }
}

extension OutcomeMatrix.Column {
  /// The columns of a contract are side by side.
  fileprivate var order: (String, Int) { (contract, ElementType.allCases.firstIndex(of: elementType) ?? 0) }
}

extension OutcomeMatrix.Cell {
  private var count: Int { conforming + failing + unsupported }

  fileprivate var html: String {
    let title = "\(conforming) conform, \(failing) fail, \(unsupported) unsupported"
    let (style, text) =
      failing > 0
      ? ("fails", "\(failing)/\(count)")
      : conforming == 0
        ? ("unsupported", "–") : ("conforms", unsupported == 0 ? "✓" : "✓ \(conforming)/\(count)")
    return "<td class=\"\(style)\" title=\"\(title)\">\(text)</td>"
  }
}
