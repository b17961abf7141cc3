import Backends
import Goldens
import Judging
import RoPE

/// Every invariant of some models, under each element type and contract.
package struct InvariantSweep: Sendable {
  /// The results of one model under one element type and contract.
  package struct Entry: Sendable {
    /// `model/type/contract`.
    package let name: String
    /// The results of every invariant, in order.
    package let results: [InvariantResult]
  }

  private let tolerances: Tolerances
  private let types: [ElementType]
  private let seed: UInt64

  /// Prepares a sweep.
  ///
  /// - Parameters:
  ///   - tolerances: the rules; the one for `model/type/invariants/contract` gives the budget of one rotation.
  ///   - types: the types of Q and K.
  ///   - seed: the seed of the random inputs and positions.
  package init(tolerances: Tolerances, types: [ElementType] = ElementType.allCases, seed: UInt64) {
    self.tolerances = tolerances
    self.types = types
    self.seed = seed
  }

  /// Checks the convention of one model.
  ///
  /// - Throws: the errors of ``InvariantRun/check(_:)``, and an error if no rule gives a budget.
  package func entries(
    of model: String, _ convention: Convention, backend: any RoPEBackend
  ) throws -> [Entry] {
    try types.flatMap { type in
      try Self.contracts(type).map { contract, tableType in
        let name = Case.contractName(contract, tableType: tableType, elementType: type)
        let rule = try tolerances.rule(for: "\(model)/\(type.shortName)/invariants/\(name)")
        let run = InvariantRun(
          backend: backend, convention: convention, elementType: type, contract: contract, tableType: tableType,
          budget: rule.budget, seed: seed)
        return Entry(name: "\(model)/\(type.shortName)/\(name)", results: try Invariant.allCases.map(run.check))
      }
    }
  }

  /// Lists the contracts: tables are checked in the type of the elements, and also in float32.
  private static func contracts(_ type: ElementType) -> [(Contract, ElementType?)] {
    [(.position, nil), (.frequency, nil), (.table, type)] + (type == .float32 ? [] : [(.table, .float32)])
  }
}
