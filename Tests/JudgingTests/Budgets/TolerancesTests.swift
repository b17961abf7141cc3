import Conformance
import Foundation
import Judging
import TestSupport
import Testing

/// Makes a tolerances file that exists while the closure runs.
func withFile<Result>(_ text: String, _ body: (String) throws -> Result) throws -> Result {
  let folder = try TemporaryFolder()
  return try body(folder.write(text.utf8, to: "tolerances.yaml"))
}

@Suite struct TolerancesTests {
  private let text = """
    rules:
      - "** = ulp=1 because file"
      - >-
        */*/*/none = correctly-rounded
        because nothing rotates
    """
  private let cases = ["glm/bf16/decode/position", "glm/f32/decode/table", "gpt2/f32/decode/none"]

  @Test("The last rule that matches decides: file, then environment, then flags")
  func overrides() throws {
    try withFile(text) { path in
      let file = try Tolerances(file: path)
      #expect(try file.rule(for: cases[0]).budget.name == "ulp=1")
      #expect(try file.rule(for: cases[2]).reason == "nothing rotates")
      #expect(try file.rule(for: cases[0]).origin == "tolerances.yaml")

      let environment = ["ROPE_TOLERANCES": "glm/** = ulp=2 because a; glm/f32/** = atol=1,rtol=2 because b;"]
      let overridden = try Tolerances(file: path, environment: environment)
      #expect(overridden.rules.count == 4)
      #expect(try overridden.rule(for: cases[0]).budget.name == "ulp=2")
      #expect(try overridden.rule(for: cases[1]).budget.name == "atol=1,rtol=2")
      #expect(try overridden.rule(for: cases[1]).origin == "ROPE_TOLERANCES")
      #expect(try overridden.rule(for: cases[2]).budget.name == "correctly-rounded")

      let flags = ["glm/*/*/* = ulp=3 because c", "*/bf16/** = ulp=4 because d"]
      let both = try Tolerances(file: path, environment: environment, flags: flags)
      #expect(try both.rule(for: cases[0]).budget.name == "ulp=4")
      #expect(try both.rule(for: cases[1]).budget.name == "ulp=3")
      #expect(try both.rule(for: cases[1]).origin == "--tolerance")
      #expect(try both.rule(for: cases[2]).budget.name == "correctly-rounded")
    }
  }

  @Test("A profile overrides the file, and the environment and flags override it")
  func profile() throws {
    try withFile(text) { path in
      let variable = ["ROPE_TOLERANCES": "glm/bf16/** = ulp=2 because a"]
      let flags = ["*/bf16/decode/position = ulp=3 because b"]
      func name(_ environment: [String: String], _ flags: [String], _ profile: String?) throws -> String {
        let tolerances = try Tolerances(file: path, environment: environment, flags: flags, profile: profile)
        return try tolerances.rule(for: cases[0]).budget.name
      }
      #expect(try name([:], [], nil) == "ulp=1")
      #expect(try name([:], [], "float32-angles") == "float32-angle-c8")
      #expect(try name(variable, [], "float32-angles") == "ulp=2")
      #expect(try name(variable, flags, "float32-angles") == "ulp=3")
      let tolerances = try Tolerances(file: path, environment: variable, flags: flags, profile: "running-product")
      #expect(
        tolerances.rules.map(\.origin)
          == ["tolerances.yaml", "tolerances.yaml", "profile running-product", "ROPE_TOLERANCES", "--tolerance"])
      #expect(tolerances.replacing(profile: .strict).rules.map(\.budget.name).contains("float32-angle-c48") == false)
    }
  }

  @Test("A rule of a profile may match no case, unlike one of the user")
  func unusedProfileRules() throws {
    try withFile("rules: ['** = ulp=1 because b']") { path in
      try Tolerances(file: path, profile: "16-bit-frameworks").check(against: ["glm/f32/decode/table"])
    }
  }

  @Test("A case without rule is an error")
  func noRule() throws {
    try withFile("rules: ['a/** = ulp=1 because b']") { path in
      let tolerances = try Tolerances(file: path)
      #expect(
        errorText { try tolerances.rule(for: "glm/bf16") }
          == "no tolerance rule matches case 'glm/bf16': add one to tolerances.yaml, such as '** = budget because reason'"
      )
    }
  }

  @Test("A pattern that matches no case is an error with the closest names, wherever it stands")
  func unusedRules() throws {
    try withFile(text) { path in
      try Tolerances(file: path).check(against: cases)
      let flag = try Tolerances(file: path, flags: ["glm/*/decode/postion = ulp=1 because b"])
      #expect(
        errorText { try flag.check(against: cases.reversed()) }
          == "--tolerance: the pattern 'glm/*/decode/postion' matches no case; nearest: "
          + "glm/bf16/decode/position, glm/f32/decode/table, gpt2/f32/decode/none")
      let variable = try Tolerances(file: path, environment: ["ROPE_TOLERANCES": "x = ulp=1 because b"])
      #expect(
        errorText { try variable.check(against: cases) }.hasPrefix("ROPE_TOLERANCES: the pattern 'x' matches no"))
      let file = try Tolerances(file: path)
      #expect(
        errorText { try file.check(against: ["glm/bf16/decode/position"]) }
          == "tolerances.yaml: the pattern '*/*/*/none' matches no case; nearest: glm/bf16/decode")
    }
  }

  @Test(
    "A file that cannot be used is named with the reason",
    arguments: [
      ("rules: [", "while parsing"), ("- a", "the top level of the YAML is not a mapping."),
      ("", "the top level of the YAML"),
      ("rules: text", "'rules' must be a list of strings: it is a string."),
      ("rules: {a: b}", "'rules' must be a list of strings: it is a mapping."),
      ("rules:\n  - c\n  - a: b", "'rules' must be a list of strings: number 2 is a mapping."),
      ("rules: []\n[runs]: 4", "a key is a list, not a string."),
      ("rules: []\n---\nruns: 4", "but found another document"),
      ("runs: 4\nrules: []\nruns: 5", ": line 1: 'runs' is given more than once.\n"),
      ("runs: 4\nrules: []\n'runs': 5", ": line 1: 'runs' is given more than once.\n"),
      ("rules:\n  - ** = ulp=1 because x", "while scanning"),
    ])
  func malformed(text: String, reason: String) throws {
    try withFile(text) { path in
      let message = errorText { try Tolerances(file: path) }
      #expect(message.hasPrefix("tolerances file '\(path)': ") && message.contains(reason))
      #expect(
        message.hasSuffix(
          "\nChoose the file with --tolerances or ROPE_TOLERANCES_FILE. It must be YAML with a list under the key rules; "
            + "write rules that begin with * in quotes or after '>-'"))
    }
  }

  @Test("A file that is not there")
  func missingFile() {
    let message = errorText { try Tolerances(file: "nowhere/tolerances.yaml") }
    #expect(message.hasPrefix("tolerances file 'nowhere/tolerances.yaml': No such file or directory\n"))
  }

  @Test(
    "A key that is none of the file's is an error, nested ones and comments are not",
    arguments: [
      "# other: 1\nrules: ['** = ulp=1 because a: b']\nfixture: x", "rules: []\n'fixture': x",
      "rules: []\n\"fixture\": x",
      "  rules: []\n  fixture: x", "{rules: [], fixture: x}", "rules: []\n? fixture\n: x", "rules: []\nfixture : x",
    ])
  func unknownKey(text: String) throws {
    try withFile(text) { path in
      let message = errorText { try Tolerances(file: path) }
      #expect(
        message == "tolerances file '\(path)': unknown key 'fixture': "
          + "the known ones are rules, profile, fixtures, device, runs, backend")
    }
  }

  @Test("No rules", arguments: ["rules: []", "device: host", "rules: ['', ' ']"])
  func empty(text: String) throws {
    try withFile(text) { path in
      #expect(
        errorText { try Tolerances(file: path) }
          == "tolerances.yaml: it has no rules: list at least one 'cases = budget because reason'")
    }
  }

  @Test("A wrong rule says where it stands")
  func wrongRules() throws {
    try withFile(text) { path in
      let variable = ["ROPE_TOLERANCES": "** = ulp=1 because a; ** = ulp=nan because b"]
      #expect(
        errorText { try Tolerances(file: path, environment: variable) }
          == "ROPE_TOLERANCES: rule '** = ulp=nan because b': ulp 'nan' in budget 'ulp=nan': "
          + "must be a finite number of at least 0")
      #expect(
        errorText { try Tolerances(file: path, flags: ["** = ulp=1"]) }
          .hasPrefix("--tolerance: rule '** = ulp=1': it has no reason"))
      #expect(
        errorText { try Tolerances(file: path, environment: ["ROPE_TOLERANCES": " ; "]) }
          == "ROPE_TOLERANCES: it has no rules: list at least one 'cases = budget because reason'")
    }
  }
}
