import Backends
import Conformance
import Devices
import Goldens
import Judging
import Testing
import Workers

@Suite("BackendChoice", .timeLimit(.minutes(30))) struct BackendChoiceTests {
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
    let fixtures = try Fixtures.ofPackage()
    let candidate = try BackendChoice("mutant:pairing-swapped").candidate(
      device: .host, runCount: 1, limits: WorkerLimits(), library: CaseLibrary(fixtures), cases: [])
    let runner = try CaseRunner.undiagnosed(candidate, "float32-exact-angle because a test says so")
    let report = try runner.report(on: fixtures.golden(named: "glm-4-9b-chat/f16/batch/position"))
    #expect(report.outcome == .fails)
    #expect(candidate.name == "mutant:pairing-swapped")
  }
}
