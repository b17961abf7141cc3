import Files
import RoPE

/// A report that cannot be read: the file, the problem, and the remedy.
package enum ReportError: Error, Equatable, CustomStringConvertible {
  case unreadable(path: String, reason: String)
  /// The file is not a JSON report.
  case foreign(path: String, reason: String)
  case newerFormat(path: String, version: Int, supported: Int)
  case olderFormat(path: String, version: Int, supported: Int)
  case malformed(path: String, line: Int, reason: String)
  /// The report lacks its end.
  case truncated(path: String, cases: Int, expected: Int)
  case unknownCase(name: String, path: String, known: [String], failing: [String])

  package var description: String {
    switch self {
    case .unreadable(let path, let reason):
      "cannot read '\(path.visible)': \(reason)"
    case .foreign(let path, let reason):
      "'\(path.visible)' is not a report of 'rope-conformance run --json': \(reason)"
    case .newerFormat(let path, let version, let supported):
      "'\(path.visible)' has format version \(version), but this version reads only up to \(supported): update rope-conformance"
    case .olderFormat(let path, let version, let supported):
      "'\(path.visible)' has format version \(version), but this version reads \(supported): run it again"
    case .malformed(let path, let line, let reason):
      "'\(path.visible)', line \(line): \(reason); 'rope-conformance run --json' writes a new report"
    case .truncated(let path, let cases, let expected):
      "'\(path.visible)' ends after \(cases) of \(expected) cases, without a summary: the run did not finish; run it again"
    case .unknownCase(let name, let path, let known, let failing):
      "'\(path.visible)' has no case '\(name.visible)'" + Self.nearest(name, known) + "; of its \(known.count) cases, "
        + (failing.isEmpty ? "none fails" : "these fail: \(failing.joined(separator: ", "))")
    }
  }
  private static func nearest(_ name: String, _ known: [String]) -> String {
    let names = known.nearest(to: name)
    return names.isEmpty ? "" : "; nearest: \(names.joined(separator: ", "))"
  }
}
