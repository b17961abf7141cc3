import ArgumentParser
import Conformance
import Foundation

/// Which folder of goldens.
struct FixturesOption: ParsableArguments {
  @Option(help: "The folder of the golden files (default: ROPE_FIXTURES, or Fixtures).")
  var fixtures: String?

  /// The folder, from the flag, the environment, or the tolerances file.
  var path: String {
    get throws {
      try Settings.fixtures(environment: ProcessInfo.processInfo.environment, flag: fixtures)
    }
  }
}

/// Which cases of the goldens.
struct CaseOptions: ParsableArguments {
  @Option(
    name: .customLong("case"),
    help: "Only cases whose name fits: * is any run of characters but /, ** any run at all. May be repeated.")
  var cases: [String] = []

  /// Those of the names that are wanted, in order.
  func select(from names: [String]) throws -> [String] {
    try CasePattern.select(cases, from: names, as: ("--case", "cases"), list: "'list'")
  }
}

extension CasePattern {
  /// Those of some names that fit any of the patterns, in order; all of them without a pattern.
  ///
  /// - Parameters:
  ///   - words: the option that gives the patterns, and what has the names.
  ///   - list: what shows the names.
  /// - Throws: `ValidationError` where a pattern fits none.
  static func select(
    _ texts: [String], from names: [String], as words: (option: String, names: String), list: String
  ) throws -> [String] {
    let patterns = texts.map { CasePattern($0) }
    for (text, pattern) in zip(texts, patterns) where !names.contains(where: pattern.matches) {
      let known =
        names.count < 10
        ? names.joined(separator: ", ")
        : "nearest: \(pattern.nearest(of: names).joined(separator: ", ")); \(list) shows all names"
      throw ValidationError("\(words.option) '\(text)' fits none of the \(names.count) \(words.names); \(known)")
    }
    return patterns.isEmpty ? names : names.filter { name in patterns.contains { $0.matches(name) } }
  }
}

/// Which budgets.
struct ToleranceOptions: ParsableArguments {
  @Option(
    name: .customLong("tolerance"),
    help: "A rule 'cases = budget because reason' that overrides earlier ones. May be repeated.")
  var rules: [String] = []

  @Option(help: "The tolerances file (default: ROPE_TOLERANCES_FILE, or tolerances.yaml).")
  var tolerances: String?
}

extension Settings {
  /// The settings of this process.
  init(
    _ fixtures: FixturesOption, _ tolerances: ToleranceOptions? = nil, device: String? = nil, runs: Int? = nil,
    backend: String? = nil
  ) throws {
    try self.init(
      environment: ProcessInfo.processInfo.environment,
      flags: Flags(
        tolerances: tolerances?.rules ?? [], tolerancesFile: tolerances?.tolerances, fixtures: fixtures.fixtures,
        device: device, runs: runs, backend: backend))
  }
}
