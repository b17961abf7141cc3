import Backends
import Conformance
import Foundation
import Goldens
import Judging
import RoPE
import TestSupport
import Testing

@Suite("A plug-in of version 1.0", .timeLimit(.minutes(30))) struct OldPluginTests {
  private let runner: CaseRunner

  /// The example as it was then, compiled with the header of that version.
  init() throws {
    let folder = packageRoot.appending(path: "Tests/BackendsTests/Version1.0").path
    let library = try TemporaryFolder.untilExit() + "/libold-\(UUID().uuidString).so"
    try PluginCompiler.compile([
      "cc", "-O1", "-shared", "-fPIC", "-I", folder, "-o", library, "\(folder)/plain_rope.c", "-lm",
    ])
    runner = try .undiagnosed(PluginBackend(path: library), "float32-exact-angle because the example computes so")
  }

  @Test("It conforms on every workload and contract of its time")
  func stored() throws {
    let fixtures = try Fixtures.ofPackage()
    for name in fixtures.shortNames {
      let report = try runner.report(on: fixtures.golden(named: name))
      #expect(report.outcome == .conforms, "\(report)")
    }
  }

  @Test("It is not given the calls of version 1.1, and the reason names both versions")
  func later() throws {
    let reason = "the call needs version 1.1 of the interface, but the backend takes those of 1.0"
    var names: Set<String> = []
    for recipe in try CallCases.recipes() where names.insert(recipe.goldenCase.workload.name).inserted {
      let report = try runner.report(on: Golden(computing: recipe))
      if recipe.goldenCase.workload.name == "more-keys" {
        #expect(report.outcome == .conforms, "\(report)")
      } else {
        #expect(report.verdict.unsupportedReason == reason, "\(report)")
      }
    }
    #expect(names.count == 10)
  }
}
