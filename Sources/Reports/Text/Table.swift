/// Rows of cells under a heading, for any form of report. The first column holds names, the others values.
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
