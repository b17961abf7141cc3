import Files

extension RunReport {
  /// Merges the parts of a run into one report.
  ///
  /// - Parameter parts: every part once, in any order, with the file that each came from.
  /// - Throws: ``MergeError`` if the parts do not belong to one run, or some are missing.
  package init(merging parts: [(path: String, report: RunReport)]) throws(MergeError) {
    let parts = parts.sorted { $0.report.header.shard.index < $1.report.header.shard.index }
    guard let first = parts.first else { throw .missing(shards: [1], count: 1) }
    let header = first.report.header
    for (path, report) in parts.dropFirst() {
      func check(_ what: String, _ isSame: Bool) throws(MergeError) {
        guard isSame else { throw .differ(what, paths: [first.path, path]) }
      }
      try check("goldens", report.header.goldens == header.goldens)
      try check("backend", report.header.backend == header.backend)
      try check("profile", report.header.profile == header.profile)
      try check("tolerances", report.header.tolerances == header.tolerances)
      try check("version of the package", report.header.packageVersion == header.packageVersion)
      try check("list of what is not checked", report.header.notChecked == header.notChecked)
      try check("number of shards", report.header.shard.count == header.shard.count)
      try check("total number of cases", report.header.totalCaseCount == header.totalCaseCount)
    }
    for (earlier, later) in zip(parts, parts.dropFirst())
    where earlier.report.header.shard == later.report.header.shard {
      throw .twice(shard: "\(later.report.header.shard)", paths: [earlier.path, later.path])
    }
    let present = Set(parts.map(\.report.header.shard.index))
    let missing = (1...header.shard.count).filter { !present.contains($0) }
    guard missing.isEmpty else { throw .missing(shards: missing, count: header.shard.count) }
    self.init(
      RunHeader(
        backend: header.backend, origin: header.origin, profile: header.profile, tolerances: header.tolerances,
        goldens: header.goldens,
        caseCount: header.totalCaseCount, notChecked: header.notChecked))
    var names = Set<String>()
    for part in parts {
      note(problems: part.report.summary.problems)
      for report in part.report.cases {
        guard names.insert(report.name).inserted else { throw .repeated(caseName: report.name, path: part.path) }
        add(report)
      }
    }
    guard cases.count == header.totalCaseCount else {
      throw .holes(cases: cases.count, expected: header.totalCaseCount)
    }
  }
}

/// Reports that are not the parts of one run.
package enum MergeError: Error, Equatable, CustomStringConvertible {
  case differ(String, paths: [String])
  case twice(shard: String, paths: [String])
  case missing(shards: [Int], count: Int)
  case repeated(caseName: String, path: String)
  case holes(cases: Int, expected: Int)

  package var description: String {
    switch self {
    case .differ(let what, let paths):
      "'\(paths[0].visible)' and '\(paths[1].visible)' are not parts of one run: they differ in the \(what)"
    case .twice(let shard, let paths):
      "'\(paths[0].visible)' and '\(paths[1].visible)' are both shard \(shard): give each shard once"
    case .missing(let shards, let count):
      "shard\(shards.count == 1 ? "" : "s") \(shards.map(String.init).joined(separator: ", ")) of \(count) "
        + "\(shards.count == 1 ? "is" : "are") missing: give the report of every shard"
    case .repeated(let caseName, let path):
      "case '\(caseName.visible)' of '\(path.visible)' is also in another report: the shards are not from one run"
    case .holes(let cases, let expected):
      "the shards have \(cases) of \(expected) cases: they are not from one run"
    }
  }
}
