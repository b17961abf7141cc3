import Backends
import Conformance
import Foundation
import Goldens
import HIP
import Reports
import Testing

@Suite("Plug-ins and other backends") struct PluginBackendTests {
  private let fixtures: Fixtures
  private let rule: ToleranceRule

  init() throws {
    fixtures = try Fixtures(path: PluginCompiler.root.appending(path: "Fixtures").path)
    rule = try ToleranceRule(parsing: "** = float32-exact-angle because the example computes so", origin: "test")
  }

  /// The shortest case of every model and contract, in place and not, strided and without RoPE among them.
  private var names: [String] {
    var seen: Set<String> = []
    return fixtures.manifest.cases.map(\.name).filter { name in
      let parts = name.split(separator: "/")
      return !name.contains("/long/") && seen.insert("\(parts[2])/\(parts[3])").inserted
    }
  }

  private func plain() throws -> String {
    let source = "#include \"plain_rope.c\"\n"
    return try PluginCompiler.library(
      source, name: "plain-\(UUID().uuidString)", flags: ["-std=c99", "-Wall", "-Wextra", "-pedantic", "-Werror"])
  }

  @Test("The example conforms in every workload and contract, isolated and not")
  func example() throws {
    let path = try plain()
    #expect(names.count > 40)
    for limits in [ProcessLimits(), nil] {
      let run = ConformanceRun(backend: try PluginBackend(path: path, limits: limits), diagnoses: false)
      for name in names {
        let verdict = try run.verdict(on: fixtures.golden(named: name), rule: rule)
        #expect(verdict.outcome == .conforms, "\(verdict.text)")
      }
    }
  }

  @Test("Cases in parallel have one plug-in, which is called by one at a time")
  func parallel() async throws {
    let run = ConformanceRun(backend: try PluginBackend(path: plain()), diagnoses: false)
    let name = "glm-4-9b-chat/f16/batch/position"
    let golden = try fixtures.golden(named: name)
    try await withThrowingTaskGroup(of: Verdict.Outcome.self) { group in
      for _ in 0..<20 { group.addTask { [rule] in try run.verdict(on: golden, rule: rule).outcome } }
      for try await outcome in group { #expect(outcome == .conforms) }
    }
  }

  @Test("The reference is correctly rounded in every workload and contract")
  func reference() throws {
    let run = ConformanceRun(backend: ReferenceBackend(), diagnoses: false)
    let rule = try ToleranceRule(parsing: "** = correctly-rounded because it is", origin: "test")
    for name in names {
      let verdict = try run.verdict(on: fixtures.golden(named: name), rule: rule)
      #expect(verdict.outcome == .conforms, "\(verdict.text)")
    }
  }

  @Test("A choice is what its text says")
  func choice() throws {
    #expect(try BackendChoice(nil) == .hip)
    #expect(try BackendChoice("hip") == .hip)
    #expect(try BackendChoice("reference") == .reference)
    #expect(try BackendChoice("plugin:./a:b.so") == .plugin(path: "./a:b.so"))
    #expect(try BackendChoice("mutant:pairing-swapped") == .mutant(name: "pairing-swapped"))
    for text in ["", "plugin", "plugin:", "hip:gfx90a", "cuda", "HIP"] {
      #expect(throws: BackendChoiceError.unknown(text)) { try BackendChoice(text) }
    }
    #expect(throws: BackendChoiceError.unknownMutant("nobody")) { try BackendChoice("mutant:nobody") }
  }

  @Test("A mutant is judged as a backend, each case by its convention")
  func mutant() throws {
    let judge = try BackendChoice("mutant:pairing-swapped").judge(
      device: .host, runCount: 1, limits: ProcessLimits(), fixtures: fixtures, cases: [])
    let verdict = try judge.verdict(on: fixtures.golden(named: "glm-4-9b-chat/f16/batch/position"), rule: rule)
    #expect(verdict.outcome == .fails)
    #expect(judge.name == "mutant:pairing-swapped")
  }
}
