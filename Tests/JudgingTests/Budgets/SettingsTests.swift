import Conformance
import Foundation
import Judging
import TestSupport
import Testing

@Suite struct SettingsTests {
  private let rules = "rules: ['** = ulp=1 because file']\n"

  @Test("Defaults lie beside the tolerances file")
  func defaults() throws {
    try withFile(rules) { path in
      let root = URL(filePath: path).deletingLastPathComponent().path
      let settings = try Settings(environment: ["PATH": "/bin"], defaults: DefaultFiles(in: [root]))
      #expect(settings.fixtures == "\(root)/Fixtures")
      #expect(settings.device == nil)
      #expect(settings.runCount == 3)
      #expect(settings.backend == nil)
      #expect(settings.tolerances.rules.map(\.reason) == ["file"])
    }
  }

  @Test("Flags override the environment, which overrides the file")
  func precedence() throws {
    try withFile(rules + "fixtures: a\ndevice: b\nruns: 4\nbackend: x") { path in
      let file = ["ROPE_TOLERANCES_FILE": path]
      let fromFile = try Settings(environment: file)
      #expect(fromFile.fixtures == "a")
      #expect(fromFile.device == "b")
      #expect(fromFile.runCount == 4)
      #expect(fromFile.backend == "x")

      let variables = file.merging(["ROPE_FIXTURES": "c", "ROPE_DEVICE": "d", "ROPE_RUNS": "5", "ROPE_BACKEND": "y"]) {
        $1
      }
      let fromEnvironment = try Settings(environment: variables)
      #expect(fromEnvironment.fixtures == "c")
      #expect(fromEnvironment.device == "d")
      #expect(fromEnvironment.runCount == 5)
      #expect(fromEnvironment.backend == "y")

      let flags = Settings.Flags(
        tolerances: ["** = ulp=2 because flag"], tolerancesFile: path, fixtures: "e", device: "f",
        runs: 6, backend: "z")
      let wrongFile = variables.merging(["ROPE_TOLERANCES_FILE": "nowhere.yaml"]) { $1 }
      let fromFlags = try Settings(environment: wrongFile, flags: flags)
      #expect(fromFlags.fixtures == "e")
      #expect(fromFlags.device == "f")
      #expect(fromFlags.runCount == 6)
      #expect(fromFlags.backend == "z")
      #expect(try fromFlags.tolerances.rule(for: "a").reason == "flag")
    }
  }

  @Test("The profile is that of the flag, the environment, the file, or strict")
  func profile() throws {
    try withFile(rules) { path in
      let settings = try Settings(environment: ["ROPE_TOLERANCES_FILE": path])
      #expect(settings.tolerances.profile == .strict && settings.tolerances.rules.map(\.reason) == ["file"])
    }
    try withFile(rules + "profile: float32-angles") { path in
      func name(_ variables: [String: String], flag: String? = nil) throws -> String {
        let variables = variables.merging(["ROPE_TOLERANCES_FILE": path]) { $1 }
        return try Settings(environment: variables, flags: .init(profile: flag)).tolerances.profile.name
      }
      let variables = ["ROPE_PROFILE": "running-product"]
      let names = try [name([:]), name(variables), name(variables, flag: "16-bit-frameworks")]
      #expect(names == ["float32-angles", "running-product", "16-bit-frameworks"])
    }
  }

  @Test("A misspelled or empty variable is an error")
  func variables() {
    let known =
      "the known ones are ROPE_TOLERANCES, ROPE_TOLERANCES_FILE, ROPE_PROFILE, ROPE_FIXTURES, ROPE_DEVICE, "
      + "ROPE_REQUIRE_DEVICE, ROPE_RUNS, ROPE_BACKEND"
    #expect(
      errorText { try Settings(environment: ["ROPE_TOLERANCE": "x"]) }
        == "unknown environment variable ROPE_TOLERANCE: \(known)")
    #expect(
      errorText { try Tolerances(file: "x", environment: ["ROPE_X": "x"]) }.hasPrefix(
        "unknown environment variable ROPE_X"))
    for name in Settings.variables {
      #expect(
        errorText { try Settings(environment: [name: " "]) }
          == "environment variable \(name) is empty: give it a value or unset it")
    }
  }

  @Test(
    "The file may be written as YAML and editors allow",
    arguments: [
      "rules: ['** = ulp=1 because a']\ndevice: host\nruns: 4\n",
      "'rules': ['** = ulp=1 because a']\n\"device\": 'host'\nruns: \"4\"\n",
      "{rules: ['** = ulp=1 because a'], device: host, runs: 4}",
      "  rules:\n    - >-\n      ** = ulp=1\n      because a\n  device: host # any\n  runs: 4",
    ])
  func spellings(text: String) throws {
    let windows = text.replacing("\n", with: "\r\n")
    for text in [text, windows, "\u{FEFF}" + text, "\u{FEFF}" + windows] {
      try withFile(text) { path in
        let settings = try Settings(environment: ["ROPE_TOLERANCES_FILE": path])
        #expect(settings.tolerances.rules.map(\.reason) == ["a"])
        #expect(settings.device == "host")
        #expect(settings.runCount == 4)
      }
    }
  }

  @Test(
    "A setting of the wrong kind is an error, not the default",
    arguments: ["device: [a]", "profile: [strict]", "fixtures: [a, b]", "backend: {a: b}"])
  func wrongKind(line: String) throws {
    try withFile(rules + line) { path in
      let message = errorText { try Settings(environment: ["ROPE_TOLERANCES_FILE": path]) }
      #expect(message.hasPrefix("setting '\(line.prefix { $0 != ":" })': must be a single string: "))
    }
  }

  @Test("A number of runs that is none is an error, not the default", arguments: ["0", "-1", "1001", "2.5", "many"])
  func wrongRuns(text: String) throws {
    try withFile(rules) { path in
      let variables = ["ROPE_TOLERANCES_FILE": path, "ROPE_RUNS": text]
      let message = errorText { try Settings(environment: variables) }
      #expect(message.hasPrefix("setting 'runs' (--runs, ROPE_RUNS): must be a whole number from 1 to 1000: "))
    }
    for text in [text, "'\(text)'", "[\(text)]"] {
      try withFile(rules + "runs: \(text)") { path in
        let message = errorText { try Settings(environment: ["ROPE_TOLERANCES_FILE": path]) }
        #expect(message.hasPrefix("setting 'runs' (--runs, ROPE_RUNS): must be a whole number from 1 to 1000: "))
      }
    }
  }

  @Test("The file of this package: float32 arithmetic with an exact angle everywhere")
  func packageFile() throws {
    let root = packageRoot.path
    let tolerances = try Settings(environment: [:], defaults: DefaultFiles(in: [root])).tolerances
    #expect(try tolerances.rule(for: "glm-4-9b-chat/bf16/batch-decode/position").budget.name == "float32-exact-angle")
  }
}
