import Backends
import Conformance
import Foundation
import Goldens
import Judging
import Reports
import Testing
import Workers

@Suite("Misbehaving plug-ins", .timeLimit(.minutes(30))) struct MisbehaviourTests {
  /// The middle case is the one on which they misbehave.
  private static let cases = ["f32", "f16", "bf16"].map { "glm-4-9b-chat/\($0)/prompt/position" }

  private func reports(_ backend: PluginBackend) throws -> [CaseReport] {
    let fixtures = try Fixtures.ofPackage()
    let runner = try CaseRunner.undiagnosed(backend, "float32-exact-angle because the example computes so")
    return try Self.cases.map { try runner.report(on: fixtures.golden(named: $0)) }
  }

  private func check(_ plugin: Misbehaviour) throws {
    let path = try PluginCompiler.library(plugin.source, name: plugin.name)
    let backend = try PluginBackend(path: path, limits: WorkerLimits(seconds: 3, memoryByteCount: 512 << 20))
    let reports = try reports(backend)
    #expect(reports.map(\.outcome) == [.conforms, .fails, .conforms], "\(reports.map(\.text))")
    #expect(reports[1].text.contains(plugin.verdict), "\(reports[1].text)")
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
    let reports = try reports(PluginBackend(path: path))
    #expect(reports.map(\.outcome) == [.conforms, .unsupported, .fails])
    #expect(reports[1].verdict.unsupportedReason == "no halves")
    #expect(reports[2].text.contains("SIGABRT"))
  }
}
