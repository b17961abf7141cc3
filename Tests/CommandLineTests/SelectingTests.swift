import Foundation
import TestSupport
import Testing

@Suite("Selecting cases", .timeLimit(.minutes(30))) struct SelectingTests {
  /// The cache folder of this test.
  private let cache: String

  init() throws { cache = try TemporaryFolder.untilExit() }

  private func program(_ arguments: String...) throws -> Program.Outcome {
    try Program(ropeConformance: arguments, environment: ["XDG_CACHE_HOME": cache]).outcome()
  }

  private func lines(_ outcome: Program.Outcome) -> [String] { outcome.text.split(separator: "\n").map(String.init) }

  @Test("The first components of names, braces, and what is left out")
  func list() throws {
    let all = lines(try program("list", "--case", "gpt-oss-20b/**"))
    #expect(all.count > 5 && all.allSatisfy { $0.hasPrefix("gpt-oss-20b/") })
    #expect(lines(try program("list", "--case", "gpt-oss-20b")) == all)
    let chosen = lines(try program("list", "--case", "gpt-oss-20b/{f16,bf16}", "--exclude", "**/table*"))
    #expect(
      chosen == all.filter { !$0.contains("/f32/") && !$0.contains("/table") } && !chosen.isEmpty && chosen != all)
  }

  @Test(
    "What cannot be selected is an error in a line",
    arguments: [
      (["list", "--case", "gpt-oss-20b/{f16"], "--case: the pattern 'gpt-oss-20b/{f16' has a '{' without '}'"),
      (["list", "--exclude", "gpt-os"], "--exclude 'gpt-os' matches none of the 900 cases; nearest: gpt"),
      (["list", "--case", "gpt2", "--exclude", "gpt2"], "--case 'gpt2' with --exclude 'gpt2' leaves none of the 900"),
      (["run", "--last-failed"], "--last-failed: no run of the backend 'hip on auto' has finished for this user"),
      (["list", "--last-failed", "--models"], "--models does not go with --flag, --case, --exclude and --last-failed"),
      (["list", "--backend", "reference"], "--backend and --device go with --last-failed"),
      (["run", "--profile", "float32-angle"], "unknown profile 'float32-angle'; nearest: float32-angles"),
    ])
  func errors(arguments: [String], text: String) throws {
    let (status, printed) = try Program(ropeConformance: arguments, environment: ["XDG_CACHE_HOME": cache])
      .outcome()
    #expect(status == 2 && printed.contains(text), "\(printed)")
  }

  @Test("What failed last runs again, and entries of other cases stay")
  func lastFailed() throws {
    let backend = ["--backend", "mutant:first-row-for-batch"]
    func run(_ options: String...) throws -> Program.Outcome {
      try Program(
        ropeConformance: ["run", "--no-diagnosis", "--verbose"] + backend + options,
        environment: ["XDG_CACHE_HOME": cache]
      ).outcome()
    }
    func failed() throws -> [String] {
      lines(try program("list", "--last-failed", "--backend", "mutant:first-row-for-batch"))
    }
    let first = try run("--case", "{glm-4-9b-chat,gpt-oss-20b}/f16")
    func failing(_ outcome: Program.Outcome) -> [String] {
      lines(outcome).prefix { !$0.hasPrefix("section ") }.filter { $0.hasPrefix("✗ ") }.map { String($0.dropFirst(2)) }
    }
    let names = failing(first)
    #expect(first.status == 1 && names.count > 1, "\(first)")
    #expect(try failed() == names)
    let again = try run("--last-failed")
    #expect(failing(again) == names)
    #expect(lines(again).contains { $0.hasPrefix("all ") && $0.split(separator: " ")[1] == "\(names.count)" })
    let name = try #require(names.first)
    let forgiven = try run("--case", name, "--tolerance", "\(name) = atol=1e9,rtol=0 because a test")
    #expect(forgiven.status == 0, "\(forgiven)")
    #expect(try failed() == Array(names.dropFirst()))
    #expect(try program("run", "--last-failed", "--backend", "reference").status == 2)
  }
}
