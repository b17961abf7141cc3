import Backends
import Conformance
import Devices
import Invariants
import Judging
import RoPE
import TestSupport
import Testing
import Workers

@Suite("Invariants of plug-ins", .timeLimit(.minutes(30))) struct PluginInvariantTests {
  private static let convention = Convention.configuration(
    Configuration(headDimension: 8, rotaryDimension: 6, pairing: .interleaved, base: 1e4, attentionFactor: 1.25))

  private func outcomes(_ path: String, _ type: ElementType) throws -> [InvariantResult] {
    let backends = try BackendChoice("plugin:\(path)").backends(
      device: .host, length: InvariantTrial.length, limits: WorkerLimits(seconds: 3, memoryByteCount: 512 << 20))
    let run = InvariantRun(
      backend: backends(Self.convention), convention: Self.convention, elementType: type, contract: .position,
      budget: try Budget(named: "float32-exact-angle"), seed: 1)
    return try Invariant.allCases.map(run.check)
  }

  @Test("They hold for the example")
  func example() throws {
    let path = try PluginCompiler.library("#include \"plain_rope.c\"\n", name: "plain-invariants")
    for type in ElementType.allCases {
      for result in try outcomes(path, type) { #expect(result.holds, "\(type), \(result)") }
    }
  }

  @Test("A crash is a failure of each invariant, in words, and of no other type")
  func crash() throws {
    let plugin = Misbehaviour(name: "invariants-segfault", before: "*(volatile int *)8 = 1;", verdict: "")
    let path = try PluginCompiler.library(plugin.source, name: plugin.name)
    for result in try outcomes(path, .float16) {
      guard case .failed(let message) = result.outcome, message.contains("SIGSEGV") else {
        Issue.record("\(result)")
        return
      }
    }
    #expect(try outcomes(path, .float32).allSatisfy(\.holds))
  }

  @Test("What the plug-in does not support does not hold")
  func unsupported() throws {
    let plugin = Misbehaviour(
      name: "invariants-unsupported",
      supports: #"snprintf(error->text, error->capacity, "no halves"); return ROPE_UNSUPPORTED;"#, verdict: "")
    let path = try PluginCompiler.library(plugin.source, name: plugin.name)
    for result in try outcomes(path, .float16) {
      #expect(result.outcome == .unsupported(reason: "no halves") && !result.holds)
    }
  }
}
