import Backends
import Conformance
import Foundation
import Goldens
import Judging
import Reports
import TestSupport
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

  @Test(
    "One that writes to the data of the call fails its case, and the verdict names the field",
    arguments: Misbehaviour.writes)
  func write(_ plugin: Misbehaviour) throws { try check(plugin) }

  @Test("A write to any list of any call is noticed, in this process too")
  func lists() throws {
    let writes = """
      if (call->cos && call->table_type == call->query_in->element_type) ((char *)call->sin)[3] ^= 1;
      else if (call->table_rows) ((int32_t *)call->table_rows)[0] ^= 1;
      else if (call->inv_freq_float32) ((float *)call->inv_freq_float32)[0] = 3;
      else if (call->cu_seqlens) ((int32_t *)call->cu_seqlens)[0] = 1;
      else if (call->key_tokens && call->key_tokens->positions) ((int64_t *)call->key_tokens->positions)[0] ^= 1;
      else if (call->fractional_positions) ((double *)call->fractional_positions)[0] = 0.125;
      else if (call->scaling_parameter_count) ((double *)call->scaling_parameters[0].values)[0] = 5;
      """
    let plugin = Misbehaviour(name: "writes-lists", behind: writes, target: "1", verdict: "")
    let path = try PluginCompiler.library(plugin.source, name: plugin.name)
    let recipes = try ComputedCases.standard.filter { $0.goldenCase.workload.tokenCount < 100 }
    var fields: Set<String> = []
    for limits in [WorkerLimits(), nil] {
      let backend = try PluginBackend(path: path, limits: limits)
      let runner = try CaseRunner.undiagnosed(backend, "float32-exact-angle because the example computes so")
      for recipe in recipes {
        let report = try runner.report(on: Golden(computing: recipe))
        guard case .backendFailed(let message) = report.verdict.violations.first else { continue }
        let name = message.split(separator: "it changed byte ").last?.split(separator: " ").last.map(String.init)
        fields.insert(try #require(name) + (limits == nil ? ", in this process" : ""))
      }
    }
    let expected = [
      "sin", "table_rows", "inv_freq_float32", "cu_seqlens", "key_tokens->positions", "fractional_positions",
      "scaling_parameters[0].values",
    ]
    for field in expected {
      #expect(fields.contains("call->\(field)") && fields.contains("call->\(field), in this process"), "\(fields)")
    }
  }

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
