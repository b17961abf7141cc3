import Backends
import Conformance
import Foundation
import Goldens
import Reports
import Testing

@Suite("Misbehaving plug-ins") struct MisbehaviourTests {
  /// The case that they misbehave on stands in the middle.
  private static let cases = ["f32", "f16", "bf16"].map { "glm-4-9b-chat/\($0)/prompt/position" }

  private func verdicts(_ backend: PluginBackend) throws -> [Verdict] {
    let fixtures = try Fixtures(path: PluginCompiler.root.appending(path: "Fixtures").path)
    let rule = try ToleranceRule(parsing: "** = float32-exact-angle because the example computes so", origin: "test")
    let run = ConformanceRun(backend: backend, diagnoses: false)
    return try Self.cases.map { try run.verdict(on: fixtures.golden(named: $0), rule: rule) }
  }

  private func check(_ plugin: Misbehaviour) throws {
    let path = try PluginCompiler.library(plugin.source, name: plugin.name)
    let backend = try PluginBackend(path: path, limits: ProcessLimits(seconds: 3, memoryByteCount: 512 << 20))
    let verdicts = try verdicts(backend)
    #expect(verdicts.map(\.outcome) == [.conforms, .fails, .conforms], "\(verdicts.map(\.text))")
    #expect(verdicts[1].text.contains(plugin.verdict), "\(verdicts[1].text)")
  }

  @Test("One that ends or hangs fails its case, and says how", arguments: Misbehaviour.ends)
  func end(_ plugin: Misbehaviour) throws { try check(plugin) }

  @Test("One that takes the connection for its own fails its case", arguments: Misbehaviour.descriptors)
  func descriptors(_ plugin: Misbehaviour) throws { try check(plugin) }

  @Test("One that gives a wrong result or an error fails its case", arguments: Misbehaviour.results)
  func result(_ plugin: Misbehaviour) throws { try check(plugin) }

  @Test("A write a page beside a buffer faults, and names the buffer", arguments: Misbehaviour.pages)
  func page(_ plugin: Misbehaviour) throws { try check(plugin) }

  @Test("Unsupported with a reason is no failure, and a crash on the next case is its own")
  func unsupported() throws {
    let plugin = Misbehaviour(
      name: "unsupported-then-crash", supports: #"snprintf(error->text, error->capacity, "no halves"); return 1;"#,
      verdict: "")
    let crash = plugin.source.replacingOccurrences(
      of: "if (!is_target(call)) return", with: "if (call->query_in->element_type == 3) abort(); return")
    let path = try PluginCompiler.library(crash, name: plugin.name)
    let verdicts = try verdicts(PluginBackend(path: path))
    #expect(verdicts.map(\.outcome) == [.conforms, .unsupported, .fails])
    #expect(verdicts[1].unsupportedReason == "no halves")
    #expect(verdicts[2].text.contains("SIGABRT"))
  }
}
