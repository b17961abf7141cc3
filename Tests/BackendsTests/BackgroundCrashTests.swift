import Backends
import Conformance
import Foundation
import Goldens
import Judging
import TestSupport
import Testing
import Workers

@Suite("A plug-in whose thread ends its process after a call has returned", .timeLimit(.minutes(10)))
struct BackgroundCrashTests {
  /// The plug-in crashes some milliseconds after a call with elements of one type.
  private func plugin(after type: String) throws -> PluginBackend {
    let plugin = Misbehaviour(
      name: "background-\(type)", behind: "pthread_t thread; pthread_create(&thread, NULL, crash, NULL);",
      target: "call->query_in->element_type == ROPE_ELEMENT_\(type)",
      global: "static void *crash(void *none) { usleep(20000); *(volatile int *)8 = 1; return none; }", verdict: "")
    return try PluginBackend(path: PluginCompiler.library(plugin.source, name: plugin.name))
  }

  private func report(_ type: String, pausing: Bool) throws -> (outcomes: [Outcome], problems: [String]) {
    let fixtures = try Fixtures.ofPackage(), candidate = LiveCandidate(try plugin(after: type), runCount: 1)
    let runner = CaseRunner(
      candidate, try Tolerances(file: "\(packageRoot.path)/tolerances.yaml"), diagnoses: false)
    let outcomes = try ["f16", "f32"].map { element in
      let outcome = try runner.report(on: fixtures.golden(named: "glm-4-9b-chat/\(element)/prompt/position")).outcome
      if pausing { usleep(1_000_000) }
      return outcome
    }
    return (outcomes, candidate.problems)
  }

  @Test("Between two cases: neither is blamed, and the run does not conform")
  func between() throws {
    let (outcomes, problems) = try report("FLOAT16", pausing: true)
    #expect(outcomes == [.conforms, .conforms])
    #expect(problems.count == 1)
    #expect(problems.first?.contains("was killed by SIGSEGV") == true)
    #expect(problems.first?.hasSuffix("after a call had returned") == true)
  }

  @Test("After the last case: the run does not conform")
  func last() throws {
    let (outcomes, problems) = try report("FLOAT32", pausing: false)
    #expect(outcomes == [.conforms, .conforms])
    #expect(problems.count == 1)
  }
}
