import Conformance
import Foundation
import Goldens
import Models
import RoPE

/// The settings that `rope_judge_open` is given as JSON.
struct JudgeSettings {
  private enum Key: String, CaseIterable {
    case goldens, tolerances, profile, runs, cases, exclude, tier, diagnoses
    case applyMayRefuse = "apply_may_refuse"
    case tolerancesFile = "tolerances_file"
  }

  /// What the program takes from its command line.
  private(set) var flags = Settings.Flags()
  private(set) var cases: [String] = []
  private(set) var exclude: [String] = []
  private(set) var tier = CaseLibrary.Tier.standard
  private(set) var diagnoses = true
  private(set) var applyMayRefuse = false

  /// Reads a JSON object; nil for none.
  ///
  /// - Throws: ``JudgeError`` if it is not one, or has an unknown key or a value of another kind.
  init(_ json: String?) throws(JudgeError) {
    flags.tolerancesOrigin = Key.tolerances.rawValue
    guard let json else { return }
    let values: [String: JSONValue]
    do throws(ModelConfigError) {
      values = try JSONValue.object(of: Data(json.utf8), file: "settings")
    } catch {
      throw JudgeError.setting("\(error)")
    }
    for (name, value) in values.sorted(by: { $0.key < $1.key }) {
      let known = Key.allCases.map(\.rawValue).sorted()
      guard let key = Key(rawValue: name) else {
        let near = known.nearest(to: name).first.map { "; did you mean '\($0)'?" } ?? ""
        throw JudgeError.setting(
          "settings: unknown key '\(name)': the known ones are \(known.joined(separator: ", "))\(near)")
      }
      try set(key, value)
    }
  }

  private mutating func set(_ key: Key, _ value: JSONValue) throws(JudgeError) {
    switch key {
    case .goldens: flags.fixtures = try text(key, value)
    case .tolerancesFile: flags.tolerancesFile = try text(key, value)
    case .tolerances: flags.tolerances = try texts(key, value)
    case .profile: flags.profile = try text(key, value)
    case .runs:
      guard case .number(let number) = value, let runs = Int(exactly: number) else {
        throw invalid(key, value, "a whole number")
      }
      flags.runs = runs
    case .cases: cases = try texts(key, value)
    case .exclude: exclude = try texts(key, value)
    case .tier:
      switch try text(key, value) {
      case "default": tier = .standard
      case "full": tier = .full
      default: throw invalid(key, value, "\"default\" or \"full\"")
      }
    case .diagnoses: diagnoses = try flag(key, value)
    case .applyMayRefuse: applyMayRefuse = try flag(key, value)
    }
  }

  private func text(_ key: Key, _ value: JSONValue) throws(JudgeError) -> String {
    guard case .string(let text) = value else { throw invalid(key, value, "a text") }
    return text
  }

  private func flag(_ key: Key, _ value: JSONValue) throws(JudgeError) -> Bool {
    guard case .bool(let flag) = value else { throw invalid(key, value, "true or false") }
    return flag
  }

  private func texts(_ key: Key, _ value: JSONValue) throws(JudgeError) -> [String] {
    guard case .array(let values) = value else { throw invalid(key, value, "a list of texts") }
    var texts: [String] = []
    for element in values {
      guard case .string(let text) = element else { throw invalid(key, value, "a list of texts") }
      texts.append(text)
    }
    return texts
  }

  private func invalid(_ key: Key, _ value: JSONValue, _ requirement: String) -> JudgeError {
    JudgeError.setting("settings: '\(key.rawValue)' is \(value): must be \(requirement)")
  }
}
