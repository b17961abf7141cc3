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

  @Test("Other positions for K, fractions of a position and a tensor that is missing are no calls of version 1.0")
  func inexpressible() throws {
    let backend = try PluginBackend(path: plain())
    let configuration = Configuration(headDimension: 4, rotaryDimension: 4, pairing: .half, base: 1e4)
    func tensor(_ buffer: Int, _ positions: Positions) -> RotatedTensor {
      let view = TensorView(buffer: buffer, strides: Strides(batch: 8, sequence: 4, head: 4))
      return RotatedTensor(sequence: 2, heads: 1, angles: .positions(positions), input: view, output: view)
    }
    func call(_ query: Positions?, _ key: Positions?) throws -> RotationCall {
      RotationCall(
        plan: try Plan(configuration), elementType: .float32, batch: 1,
        tensors: PerTensor(query: query.map { tensor(0, $0) }, key: key.map { tensor(1, $0) }))
    }
    #expect(try backend.support(for: call([0, 1], [0, 1])) == .supported)
    let reason = "version 1.0 of the interface carries one list of integer positions for both tensors"
    let calls = try [call([0, 1], [0, 2]), call([0, 0.5], [0, 0.5]), call([0, 1], nil), call(nil, [0, 1])]
    for call in calls {
      #expect(try backend.support(for: call) == .unsupported(reason: reason))
      let memory = try backend.makeMemory(byteCounts: [32, 32])
      #expect(throws: PluginError.failed(what: "rotating", reason: "cannot be given this call: \(reason)")) {
        try backend.rotate(call, in: memory)
      }
    }
  }
}
