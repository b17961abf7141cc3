import Backends
import Conformance
import Devices
import Invariants
import Judging
import Mistakes
import RoPE
import Testing
import Workers

/// The backends that `--backend` names, called without any case.
@Suite(.timeLimit(.minutes(30))) struct ChosenBackendTests {
  private static let partial = Convention.configuration(InvariantTests.interleaved)
  private static let explicit = Convention.explicit(
    ExplicitPlan(
      headDimension: 6,
      pairs: .list([
        .init(input: .init(0, 3), output: .init(0, 3)), .init(input: .init(1, 4), output: .init(4, 1)),
      ]), axes: [0, 1], axisCount: 2, frequencies: .list([1, 0.01])))

  private func results(
    _ backend: String, _ convention: Convention = partial, _ contract: Contract = .position
  ) throws -> [InvariantResult] {
    let backends = try BackendChoice(backend).backends(
      device: .host, length: InvariantTrial.length, limits: WorkerLimits())
    let run = InvariantRun(
      backend: backends(convention), convention: convention, elementType: .float32, contract: contract,
      budget: try Budget(named: "float32-exact-angle"), seed: 3)
    return try Invariant.allCases.map(run.check)
  }

  /// The invariants that do not hold.
  private func failing(
    _ backend: String, _ convention: Convention = partial, _ contract: Contract = .position
  ) throws -> [Invariant] {
    try results(backend, convention, contract).filter { !$0.holds }.map(\.invariant)
  }

  @Test(
    "They hold for the kernel and the reference, of a model's convention and of a plan", arguments: [partial, explicit])
  func right(_ convention: Convention) throws {
    for contract in [Contract.table, .frequency, .position] {
      #expect(try failing("hip", convention, contract) == [])
      #expect(try failing("reference", convention, contract) == [])
    }
  }

  @Test(
    "A mutant fails the invariants that show it, and no others",
    arguments: [
      ("pairing-swapped", [.pairNorms, .relativePositions, .pairingStyles, .adjoint]),
      ("attention-factor-missing", [.pairNorms, .composition, .inverse]),
      ("position-plus-one", [.composition, .inverse, .adjoint]),
      // These rotations are consistently different ones.
      ("base-10000", []), ("sine-negated", []),
    ] as [(String, [Invariant])])
  func mutants(_ name: String, _ invariants: [Invariant]) throws {
    #expect(try failing("mutant:\(name)") == invariants)
  }

  @Test("A mutant knows the pairing that a call has, of DeepSeek's in two styles too")
  func styles() throws {
    let convention = Convention.configuration(
      Configuration(
        headDimension: 16, rotaryDimension: 8, rotaryOffset: 8, pairing: .interleaved, outputPairing: .half, base: 1e6))
    #expect(try failing("mutant:base-10000", convention) == [])
    #expect(try failing("mutant:pairing-swapped", convention).contains(.pairingStyles))
  }

  @Test("A mutant that is right at its first call alone is wrong in the next")
  func laterCalls() throws {
    #expect(try failing("mutant:rotary-halved-at-each-call").contains(.composition))
  }

  @Test("Every mutant is called in all conventions, and none is said to be unsupported or fails")
  func everyMutant() throws {
    for mutant in Mutant.all {
      for convention in [Self.partial, Self.explicit] {
        for result in try results("mutant:\(mutant.name)", convention) {
          guard case .compared = result.outcome else {
            Issue.record("\(mutant.name), \(result.invariant): \(result.outcome)")
            return
          }
        }
      }
    }
  }

  @Test("A program, which gets files of cases, is refused in words")
  func command() throws {
    #expect(throws: BackendChoiceError.casesAlone) { try results("command:cat {inputs} {outputs}") }
  }
}
