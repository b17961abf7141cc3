import Conformance
import Foundation
import Testing

/// A file that lives as long as the closure runs.
func withFile<Result>(_ text: String, _ body: (String) async throws -> Result) async throws -> Result {
  let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  let path = folder.appending(path: "tolerances.yaml")
  try text.write(to: path, atomically: true, encoding: .utf8)
  return try await body(path.path)
}

/// The error that an expression throws, as text.
func message(_ body: () async throws -> some Any) async -> String {
  do {
    return "no error: \(try await body())"
  } catch {
    return "\(error)"
  }
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
  func overrides() async throws {
    try await withFile(text) { path in
      let file = try await Tolerances(file: path)
      #expect(try file.rule(for: cases[0]).budget.name == "ulp=1")
      #expect(try file.rule(for: cases[2]).reason == "nothing rotates")
      #expect(try file.rule(for: cases[0]).origin == "tolerances.yaml")

      let environment = ["ROPE_TOLERANCES": "glm/** = ulp=2 because a; glm/f32/** = atol=1,rtol=2 because b;"]
      let overridden = try await Tolerances(file: path, environment: environment)
      #expect(overridden.rules.count == 4)
      #expect(try overridden.rule(for: cases[0]).budget.name == "ulp=2")
      #expect(try overridden.rule(for: cases[1]).budget.name == "atol=1,rtol=2")
      #expect(try overridden.rule(for: cases[1]).origin == "ROPE_TOLERANCES")
      #expect(try overridden.rule(for: cases[2]).budget.name == "correctly-rounded")

      let flags = ["glm/*/*/* = ulp=3 because c", "*/bf16/** = ulp=4 because d"]
      let both = try await Tolerances(file: path, environment: environment, flags: flags)
      #expect(try both.rule(for: cases[0]).budget.name == "ulp=4")
      #expect(try both.rule(for: cases[1]).budget.name == "ulp=3")
      #expect(try both.rule(for: cases[1]).origin == "--tolerance")
      #expect(try both.rule(for: cases[2]).budget.name == "correctly-rounded")
    }
  }

  @Test("A case without rule is an error")
  func noRule() async throws {
    try await withFile("rules: ['a/** = ulp=1 because b']") { path in
      let tolerances = try await Tolerances(file: path)
      #expect(
        await message { try tolerances.rule(for: "glm/bf16") }
          == "no tolerance rule matches case 'glm/bf16': add one to tolerances.yaml, ** = budget for every case")
    }
  }

  @Test("A pattern that matches no case is an error with the closest names, wherever it stands")
  func unusedRules() async throws {
    try await withFile(text) { path in
      try await Tolerances(file: path).check(against: cases)
      let flag = try await Tolerances(file: path, flags: ["glm/*/decode/postion = ulp=1 because b"])
      #expect(
        await message { try flag.check(against: cases.reversed()) }
          == "--tolerance: the pattern 'glm/*/decode/postion' matches no case; nearest: "
          + "glm/bf16/decode/position, glm/f32/decode/table, gpt2/f32/decode/none")
      let variable = try await Tolerances(file: path, environment: ["ROPE_TOLERANCES": "x = ulp=1 because b"])
      #expect(
        await message { try variable.check(against: cases) }.hasPrefix("ROPE_TOLERANCES: the pattern 'x' matches no"))
      let file = try await Tolerances(file: path)
      #expect(
        await message { try file.check(against: ["glm/bf16/decode/position"]) }
          == "tolerances.yaml: the pattern '*/*/*/none' matches no case; nearest: glm/bf16/decode/position")
    }
  }

  @Test(
    "A file that cannot be used is named with the reason",
    arguments: [
      ("rules: [", "while parsing"), ("- a", "Top level YAML value is not a mapping."), ("", "Top level YAML"),
      ("rules: text", "'rules' failed to convert"),
      ("rules:\n  - a: b", "Unexpected non-scalar value in array at rules"),
      ("rules:\n  - ** = ulp=1 because x", "while scanning"),
    ])
  func malformed(text: String, reason: String) async throws {
    try await withFile(text) { path in
      let message = await message { try await Tolerances(file: path) }
      #expect(message.hasPrefix("tolerances file '\(path)': ") && message.contains(reason))
      #expect(
        message.hasSuffix(
          "\n--tolerances or ROPE_TOLERANCES_FILE names another; it must be YAML with a list of rules under the key "
            + "rules, those that begin with * in quotes or below '>-'"))
    }
  }

  @Test("A file that is not there")
  func missingFile() async {
    let message = await message { try await Tolerances(file: "nowhere/tolerances.yaml") }
    #expect(
      message.hasPrefix("tolerances file 'nowhere/tolerances.yaml': File not found at path: nowhere/tolerances.yaml.\n")
    )
  }

  @Test("A key that is none of the file's is an error, nested ones and comments are not")
  func unknownKey() async throws {
    try await withFile("# other: 1\nrules: ['** = ulp=1 because a: b']\nfixture: x") { path in
      let message = await message { try await Tolerances(file: path) }
      #expect(message.hasSuffix(": unknown key 'fixture': the known ones are rules, fixtures, device, runs, backend"))
    }
  }

  @Test("No rules", arguments: ["rules: []", "device: host", "rules: ['', ' ']"])
  func empty(text: String) async throws {
    try await withFile(text) { path in
      #expect(
        await message { try await Tolerances(file: path) }
          == "tolerances.yaml: no rules: list at least one 'cases = budget because reason'")
    }
  }

  @Test("A wrong rule says where it stands")
  func wrongRules() async throws {
    try await withFile(text) { path in
      let variable = ["ROPE_TOLERANCES": "** = ulp=1 because a; ** = ulp=nan because b"]
      #expect(
        await message { try await Tolerances(file: path, environment: variable) }
          == "ROPE_TOLERANCES: rule '** = ulp=nan because b': ulp 'nan' in budget 'ulp=nan': "
          + "must be a finite number of at least 0")
      #expect(
        await message { try await Tolerances(file: path, flags: ["** = ulp=1"]) }
          .hasPrefix("--tolerance: rule '** = ulp=1': no reason"))
      #expect(
        await message { try await Tolerances(file: path, environment: ["ROPE_TOLERANCES": " ; "]) }
          == "ROPE_TOLERANCES: no rules: list at least one 'cases = budget because reason'")
    }
  }
}
