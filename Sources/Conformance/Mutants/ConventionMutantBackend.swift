import Backends
import Goldens
import RoPE

/// A mutant as a backend for every call of a convention, whichever way the call pairs its channels.
///
/// A call that gives the mistake no room is right: of several calls that belong together, one that can go wrong is enough.
struct ConventionMutantBackend: RoPEBackend {
  private let mutant: Mutant
  private let convention: Convention
  private let runs = RunCounter()

  init(_ mutant: Mutant, of convention: Convention) {
    self.mutant = mutant
    self.convention = convention
  }

  var name: String { mutant.backendName }
  var summary: String { mutant.backendSummary }

  func support(for call: RotationCall) -> Support { .supported }

  func rotate(_ call: RotationCall, in memory: CallMemory) throws -> Evidence? {
    let golden = try Golden(
      of: call, convention: convention.paired(as: call.plan), length: InvariantTrial.length)
    let backend = MutantBackend(mutant, golden: golden, runs: runs)
    guard case .supported = backend.support(for: call) else { return try ReferenceBackend().rotate(call, in: memory) }
    return try backend.rotate(call, in: memory)
  }
}

extension Convention {
  /// The convention with the pairing of a plan, where one of both styles is it; else the convention as it is.
  fileprivate func paired(as plan: Plan) throws -> Convention {
    guard let configuration else { return self }
    for input in Pairing.allCases {
      for output in Pairing.allCases {
        var styled = configuration
        (styled.pairing, styled.outputPairing) = (input, output)
        let pairs = try Plan(styled, length: InvariantTrial.length).pairs
        if pairs.elementsEqual(plan.pairs, by: { $0.input == $1.input && $0.output == $1.output }) {
          return .configuration(styled)
        }
      }
    }
    return self
  }
}
