import Files

/// Rows of cells under a heading, for any form of report.
///
/// The first column holds names, the others values.
struct Table {
  let heading: [String]
  var rows: [[String]]

  /// Columns wide enough for their cells, the first flush left, the others flush right.
  func text(_ style: TextStyle) -> String {
    let lines = [heading] + rows
    let widths = heading.indices.map { column in lines.map { $0[column].count }.max() ?? 0 }
    return lines.enumerated().map { index, cells in
      let line = zip(cells, widths).enumerated().map { column, cell in
        let padding = String(repeating: " ", count: cell.1 - cell.0.count)
        return column == 0 ? cell.0 + padding : padding + cell.0
      }.joined(separator: "  ")
      return index == 0 ? style(line, .heading) : line
    }.joined(separator: "\n")
  }
}

extension Table {
  /// The table in Markdown, whose cells must have no marks of it.
  var markdown: String {
    func line(_ cells: [String]) -> String { "| \(cells.joined(separator: " | ")) |" }
    let rule = heading.indices.map { $0 == 0 ? "---" : "--:" }
    return ([line(heading), line(rule)] + rows.map(line)).joined(separator: "\n")
  }
}

/// The emphasis of text: colour, or none.
package struct TextStyle: Sendable {
  /// Characters alone, for files and pipes.
  package static let plain = TextStyle(isColoured: false)
  /// With ANSI escape sequences, for terminals.
  package static let coloured = TextStyle(isColoured: true)

  private let isColoured: Bool

  /// The role of a piece of text.
  enum Role: String, CaseIterable {
    case good = "32"
    case bad = "31;1"
    case doubtful = "33"
    case label = "36"
    case heading = "1"
  }

  func callAsFunction(_ text: String, _ role: Role) -> String {
    isColoured ? "\u{1B}\(Self.code(role))\(text)\u{1B}\(Self.end)" : text
  }

  private static func code(_ role: Role) -> String { "[\(role.rawValue)m" }
  private static let end = "[0m"

  /// The text of some lines with every character shown that controls a terminal, except the colours of this style.
  package func visible(_ text: String) -> String {
    guard isColoured else { return text.visibleLines }
    let codes = Role.allCases.map(Self.code) + [Self.end]
    let parts = text.split(separator: "\u{1B}", omittingEmptySubsequences: false)
    let shown = parts.dropFirst().map { part in
      (codes.contains(where: part.hasPrefix) ? "\u{1B}" : "\u{1B}".visible) + String(part).visibleLines
    }
    return ([parts.first.map { String($0).visibleLines } ?? ""] + shown).joined()
  }
}
