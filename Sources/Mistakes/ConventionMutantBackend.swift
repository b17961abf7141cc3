import Backends
import Goldens
import RoPE

/// A mutant as a backend for every call of a convention, however the call pairs its channels.
///
/// A call in which the mistake cannot occur is right: among calls that belong together, one that can go wrong is
/// enough.
package struct ConventionMutantBackend: RoPEBackend {
  private let mutant: Mutant
  private let convention: Convention
  private let length: Int
  private let runs = RunCounter()

  /// Makes a mutant that knows the convention of its calls.
  ///
  /// The plans of the calls were made for `length`.
  package init(_ mutant: Mutant, of convention: Convention, length: Int) {
    self.mutant = mutant
    self.convention = convention
    self.length = length
  }

  package var name: String { mutant.backendName }
  package var summary: String { mutant.backendSummary }

  package func support(for call: RotationCall) -> Support {
    call.joint == nil ? .unsupported(reason: MutantError.notJoint.description) : .supported
  }

  package func rotate(_ call: RotationCall, in memory: CallMemory) throws -> Evidence? {
    guard let joint = call.joint else { throw MutantError.notJoint }
    let golden = Golden(of: joint, convention: try convention.paired(as: call.plan, length: length), length: length)
    let backend = MutantBackend(mutant, golden: golden, runs: runs)
    guard case .supported = backend.support(for: call) else { return try ReferenceBackend().rotate(call, in: memory) }
    return try backend.rotate(call, in: memory)
  }
}

extension Convention {
  /// The convention with the pairing of a plan, if one of the styles matches; otherwise the convention unchanged.
  fileprivate func paired(as plan: Plan, length: Int) throws -> Convention {
    guard let configuration else { return self }
    for input in Pairing.allCases {
      for output in Pairing.allCases {
        var styled = configuration
        (styled.pairing, styled.outputPairing) = (input, output)
        let pairs = try Plan(styled, length: length).pairs
        if pairs.elementsEqual(plan.pairs, by: { $0.input == $1.input && $0.output == $1.output }) {
          return .configuration(styled)
        }
      }
    }
    return self
  }
}
