import Backends
import Conformance
import Foundation
import Goldens
import Judging
import Reports
import RoPE
import TestSupport
import Testing
import Workers

@Suite("PluginBackend", .timeLimit(.minutes(30))) struct PluginBackendTests {
  private let fixtures: Fixtures

  init() throws { fixtures = try .ofPackage() }

  private func runner(_ backend: some RoPEBackend) throws -> CaseRunner {
    try .undiagnosed(backend, "float32-exact-angle because the example computes so")
  }

  private func plain() throws -> String {
    let source = "#include \"plain_rope.c\"\n"
    return try PluginCompiler.library(
      source, name: "plain-\(UUID().uuidString)", flags: ["-std=c99", "-Wall", "-Wextra", "-pedantic", "-Werror"])
  }

  @Test("The example conforms in every workload and contract, isolated and not")
  func example() throws {
    let path = try plain()
    #expect(fixtures.shortNames.count > 40)
    for limits in [WorkerLimits(), nil] {
      let runner = try runner(PluginBackend(path: path, limits: limits))
      for name in fixtures.shortNames {
        let report = try runner.report(on: fixtures.golden(named: name))
        #expect(report.outcome == .conforms, "\(report.text)")
      }
    }
  }

  @Test("Cases in parallel have one plug-in, which is called by one at a time")
  func parallel() async throws {
    let runner = try runner(PluginBackend(path: plain()))
    let name = "glm-4-9b-chat/f16/batch/position"
    let golden = try fixtures.golden(named: name)
    try await withThrowingTaskGroup(of: Outcome.self) { group in
      for _ in 0..<20 { group.addTask { try runner.report(on: golden).outcome } }
      for try await outcome in group { #expect(outcome == .conforms) }
    }
  }

  @Test("A call without Q is no call of the interface")
  func inexpressible() throws {
    let backend = try PluginBackend(path: plain())
    let plan = try Plan(Configuration(headDimension: 4, rotaryDimension: 4, pairing: .half, base: 1e4))
    let view = TensorView(buffer: 0, strides: Strides(batch: 8, sequence: 4, head: 4))
    let key = RotatedTensor(sequence: 2, heads: 1, angles: .positions([0, 1]), input: view, output: view)
    let call = RotationCall(plan: plan, elementType: .float32, batch: 1, tensors: PerTensor(query: nil, key: key))
    let reason = "the interface has no calls without Q"
    #expect(try backend.support(for: call) == .unsupported(reason: reason))
    let memory = try backend.makeMemory(byteCounts: [32])
    #expect(throws: PluginError.failed(what: "rotating", reason: "cannot be given this call: \(reason)")) {
      try backend.rotate(call, in: memory)
    }
  }
}
