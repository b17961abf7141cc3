import Backends
import Judging
import RoPE

/// Checks invariants of one backend on one convention, with inputs and positions derived from a seed.
///
/// A call has two rows of four tokens, two heads of Q and one of K; its positions are of any magnitude up to 2^17.
package struct InvariantRun: Sendable {
  private let backend: any RoPEBackend
  private let convention: Convention
  private let elementType: ElementType
  private let contract: Contract
  private let tableType: ElementType?
  private let budget: Budget
  private let seed: UInt64

  /// Prepares a run.
  ///
  /// - Parameters:
  ///   - backend: the backend to check.
  ///   - convention: a convention that rotates.
  ///   - elementType: the type of Q and K.
  ///   - contract: the form of the angles: `table`, `frequency` or `position`.
  ///   - tableType: the type of cosines and sines under the table contract; that of Q and K unless given.
  ///   - budget: the error that one rotation of the backend may have; the limit of every invariant follows from it.
  ///   - seed: the seed of the random inputs and positions.
  package init(
    backend: any RoPEBackend, convention: Convention, elementType: ElementType, contract: Contract,
    tableType: ElementType? = nil, budget: Budget, seed: UInt64
  ) {
    self.backend = backend
    self.convention = convention
    self.elementType = elementType
    self.contract = contract
    self.tableType = contract == .table ? tableType ?? elementType : nil
    self.budget = budget
    self.seed = seed
  }

  /// Checks one invariant.
  ///
  /// An error that the backend throws is part of the result.
  ///
  /// - Throws: `ConfigurationError` or `PlanError` if the convention contradicts itself, and ``InvariantError`` if
  ///   nothing rotates.
  package func check(_ invariant: Invariant) throws -> InvariantResult {
    let trial = try InvariantTrial(
      backend: backend, convention: convention, elementType: elementType, contract: contract,
      tableType: tableType, budget: budget, seed: seed)
    let outcome: InvariantResult.Outcome
    do {
      outcome = .compared(try trial.largestDeviation(from: invariant))
    } catch let error as UnsupportedCall {
      outcome = .unsupported(reason: error.reason)
    } catch {
      outcome = .failed(message: "\(error)")
    }
    return InvariantResult(
      invariant: invariant, contract: contract, elementType: elementType, seed: seed, outcome: outcome)
  }
}

/// A convention or contract that leaves nothing to check.
package enum InvariantError: Error, Equatable, CustomStringConvertible {
  case nothingRotates
  case contract(Contract)

  package var description: String {
    switch self {
    case .nothingRotates: "the convention has no pairs: without RoPE there is nothing to check"
    case .contract(let contract):
      "contract '\(contract.rawValue)' gives no angles: choose table, frequency or position"
    }
  }
}

/// A call that the backend said it does not support.
struct UnsupportedCall: Error {
  let reason: String
}
