import Diagnosis
import Files
import RoPE

extension ErrorProfile {
  /// Neighbouring groups combined into one.
  struct Range {
    let first: Double
    let last: Double
    let elementCount: Int
    let failedCount: Int
    let largestSeverity: Double
    let largestUlpError: Double

    /// The value, or the first and the last.
    var name: String { first == last ? first.shortest : "\(first.shortest) to \(last.shortest)" }
  }
}

extension ErrorProfile.Series {
  /// The series in at most `count` ranges of equally many groups; a range has one group if these are few.
  func ranges(atMost count: Int) -> [ErrorProfile.Range] {
    let size = max(1, (groups.count + count - 1) / count)
    return stride(from: 0, to: groups.count, by: size).map { start in
      let part = groups[start..<min(start + size, groups.count)]
      return ErrorProfile.Range(
        first: groups[part.startIndex].value, last: groups[part.endIndex - 1].value,
        elementCount: part.reduce(0) { $0.saturatingSum($1.elementCount) },
        failedCount: part.reduce(0) { $0.saturatingSum($1.failedCount) },
        largestSeverity: part.map(\.largestSeverity).max() ?? 0,
        largestUlpError: part.map(\.largestUlpError).max() ?? 0)
    }
  }
}
