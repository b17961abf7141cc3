import Goldens
import Judging

/// The cases of one part of a run.
package struct CaseSelection: Sendable {
  package let shard: Shard
  /// The number of cases in all parts together.
  package let totalCount: Int
  /// The cases of this part, in order.
  package let entries: [Manifest.Entry]

  /// Selects this part's cases among those that match any of some patterns.
  ///
  /// Without `patterns`, all cases are meant. `words` is the option that errors name for the patterns, and the command
  /// that lists all cases. `names` are the cases that can be judged; nil for all of the library.
  ///
  /// - Throws: ``SelectionError`` if a pattern matches no case.
  package init(
    _ patterns: [String] = [], from library: CaseLibrary, shard: Shard = .whole, among names: Set<String>? = nil,
    words: (option: String, list: String) = ("--case", "'list'")
  ) throws(SelectionError) {
    let known = library.entries.map(\.name).filter { names?.contains($0) ?? true }
    let all = Set(try CasePattern.select(patterns, from: known, as: (words.option, "cases"), list: words.list))
    self.shard = shard
    totalCount = all.count
    entries = shard.cases(of: library.entries.filter { all.contains($0.name) })
  }

  /// True if other parts have all cases, as happens if there are more parts than cases.
  package var isEmptyPart: Bool { entries.isEmpty && totalCount > 0 }
}

extension CasePattern {
  /// Selects the names that match any of the patterns, in order; without a pattern, all of them.
  ///
  /// `words` is the option that gives the patterns, and the plural noun for the things that are named. `list` is what
  /// shows the names.
  ///
  /// - Throws: ``SelectionError`` if a pattern matches no case.
  package static func select(
    _ texts: [String], from names: [String], as words: (option: String, names: String), list: String
  ) throws(SelectionError) -> [String] {
    let patterns = texts.map { CasePattern($0) }
    for (text, pattern) in zip(texts, patterns) where !names.contains(where: pattern.matches) {
      let known =
        names.count < 10
        ? names.joined(separator: ", ")
        : "nearest: \(pattern.nearest(of: names).joined(separator: ", ")); \(list) shows all names"
      throw SelectionError("\(words.option) '\(text)' matches none of the \(names.count) \(words.names); \(known)")
    }
    return patterns.isEmpty ? names : names.filter { name in patterns.contains { $0.matches(name) } }
  }
}

/// A pattern that matches no name, with the names that are nearest.
package struct SelectionError: Error, Equatable, CustomStringConvertible {
  package let description: String

  init(_ description: String) { self.description = description }
}
