import Goldens
import Judging

/// The cases of one part of a run.
package struct CaseSelection: Sendable {
  package let shard: Shard
  /// The number of cases in all parts together.
  package let totalCount: Int
  /// The cases of this part, in order.
  package let entries: [Manifest.Entry]

  /// Selects this part's cases among those that a filter chooses.
  ///
  /// `names` are the cases that can be judged; nil for all of the library.
  ///
  /// - Throws: ``SelectionError`` if a pattern matches no case, or no case is left, and `FailureRecordError`.
  package init(
    _ filter: NameFilter = NameFilter(), from library: CaseLibrary, shard: Shard = .whole,
    among names: Set<String>? = nil
  ) throws {
    let known = library.entries.map(\.name).filter { names?.contains($0) ?? true }
    let all = Set(try filter.select(from: known))
    self.shard = shard
    totalCount = all.count
    entries = shard.cases(of: library.entries.filter { all.contains($0.name) })
  }
}

/// A choice among names: of cases, or of anything else that is named with slashes.
package struct NameFilter: Sendable {
  /// The words of its errors.
  package struct Words: Sendable {
    /// The options that give patterns.
    let pattern: String, excluded: String
    /// The things that are named, in the plural.
    let names: String
    /// The command that shows all names.
    let list: String

    /// The words for cases, except for those that are given.
    package init(
      pattern: String = "--case", excluded: String = "--exclude", names: String = "cases", list: String = "'list'"
    ) {
      self.pattern = pattern
      self.excluded = excluded
      self.names = names
      self.list = list
    }
  }

  /// Patterns of the names to choose; all names without one.
  private let patterns: [String]
  /// Patterns of names to leave out.
  private let excluded: [String]
  /// The record of the cases to which the choice is confined; nil for all cases.
  private let failures: FailureRecord?
  private let words: Words

  /// A choice of the names that match any pattern and no excluded one.
  package init(
    _ patterns: [String] = [], excluding excluded: [String] = [], failures: FailureRecord? = nil, words: Words = Words()
  ) {
    self.patterns = patterns
    self.excluded = excluded
    self.failures = failures
    self.words = words
  }

  /// True if every name is chosen.
  package var isOfAll: Bool { patterns.isEmpty && excluded.isEmpty && failures == nil }

  /// The chosen names, in order.
  ///
  /// - Throws: ``SelectionError`` if a pattern cannot be read or matches no name, or none is left, and
  ///   `FailureRecordError`.
  package func select(from names: [String]) throws -> [String] {
    let wanted = try parsed(patterns, words.pattern, names), unwanted = try parsed(excluded, words.excluded, names)
    let failed = try failures.map { Set(try $0.names()) }
    let chosen = names.filter { name in
      (wanted.isEmpty || wanted.contains { $0.matches(name) }) && !unwanted.contains { $0.matches(name) }
        && failed?.contains(name) ?? true
    }
    guard chosen.isEmpty, !isOfAll else { return chosen }
    let given =
      patterns.map { "\(words.pattern) '\($0)'" } + excluded.map { "\(words.excluded) '\($0)'" }
      + (failed.map { ["--last-failed (\($0.count) \(words.names))"] } ?? [])
    let remedy = failed == nil ? "" : ", or the --tier and --fixtures with which they failed"
    throw SelectionError(
      "\(given.joined(separator: " with ")) leaves none of the \(names.count) \(words.names): give fewer of these options"
        + remedy)
  }

  private func parsed(
    _ texts: [String], _ option: String, _ names: [String]
  ) throws(SelectionError) -> [CasePattern] {
    var patterns: [CasePattern] = []
    for text in texts {
      let pattern: CasePattern
      do throws(PatternError) {
        pattern = try CasePattern(text)
      } catch {
        throw SelectionError("\(option): \(error)")
      }
      guard names.contains(where: pattern.matches) else {
        let known =
          names.count < 10
          ? names.joined(separator: ", ")
          : "nearest: \(pattern.nearest(of: names).joined(separator: ", ")); \(words.list) shows all names"
        throw SelectionError("\(option) '\(text)' matches none of the \(names.count) \(words.names); \(known)")
      }
      patterns.append(pattern)
    }
    return patterns
  }
}

/// A choice of names that cannot be made, with the names that are nearest.
package struct SelectionError: Error, Equatable, CustomStringConvertible {
  package let description: String

  init(_ description: String) { self.description = description }
}
