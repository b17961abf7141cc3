import Backends
import Conformance
import Devices
import Foundation
import Goldens
import Judging
import RoPE
import TestSupport
import Testing

@Suite("Calls of every kind", .timeLimit(.minutes(30))) struct CallCasesTests {
  @Test("The reference, the kernel on the host and the example plug-in conform on all, none unsupported")
  func conform() throws {
    let plugin = try PluginCompiler.library("#include \"plain_rope.c\"\n", name: "calls")
    let backends: [(any RoPEBackend, budget: String)] = [
      (ReferenceBackend(), "correctly-rounded"), (KernelBackend(device: .host), "float32-exact-angle"),
      (try PluginBackend(path: plugin), "float32-exact-angle"),
    ]
    let recipes = try CallCases.recipes()
    for (backend, budget) in backends {
      let runner = try CaseRunner.undiagnosed(
        LiveCandidate(backend, runCount: 2), "\(budget) because it computes so")
      for recipe in recipes {
        let report = try runner.report(on: Golden(computing: recipe))
        #expect(report.outcome == .conforms, "\(backend.name): \(report)")
      }
    }
  }

  @Test("Each kind has every contract and type in which it makes sense")
  func kinds() throws {
    let recipes = try CallCases.recipes()
    #expect(Set(recipes.map(\.goldenCase.name)).count == recipes.count)
    func kinds(_ workload: String) -> Set<String> {
      Set(
        recipes.map(\.goldenCase).filter { $0.workload.name == workload }
          .map { "\($0.elementType.shortName)/\($0.contractName)" })
    }
    let all = kinds("more-keys")
    #expect(all.count == 11)
    for workload in ["key-apart-ragged", "no-key-heads", "rotary-beyond-head"] { #expect(kinds(workload) == all) }
    let unrotated: Set = ["f32/none", "f16/none", "bf16/none"]
    for workload in ["query-alone", "key-apart", "no-tokens"] { #expect(kinds(workload) == all.union(unrotated)) }
    #expect(kinds("fractional-positions") == all.filter { !$0.contains("table") })
    #expect(kinds("row-beyond-table") == all.filter { $0.contains("table") })
  }

  @Test("A call says what an engine knows, per tensor")
  func facts() throws {
    let recipe = try #require(
      CallCases.recipes().first {
        $0.goldenCase.workload.name == "key-apart-ragged" && $0.goldenCase.contract == .table
      })
    let call = try CaseCall(Golden(computing: recipe)).call
    #expect(call.query?.sequenceStarts == [0, 2, 2, 3] && call.key?.sequenceStarts == [0, 4, 6, 9])
    #expect(call.origin?.caseName == recipe.goldenCase.name && call.origin?.scalingType == "default")
    #expect(call.query?.sequence == 3 && call.key?.sequence == 9 && call.tokenCount == 12)
    guard case .table(let table, let rows) = call.query?.angles, case .table(table, let keyRows) = call.key?.angles
    else {
      Issue.record("Q and K have not one table")
      return
    }
    // Positions 2, 3 and 40 of Q, and 0 to 3, 17, 18 and 38 to 40 of K, have nine rows together.
    #expect(rows == [2, 3, 8] && keyRows == [0, 1, 2, 3, 4, 5, 6, 7, 8])
  }
}
