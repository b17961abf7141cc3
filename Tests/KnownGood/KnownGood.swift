import RoPE

/// A right implementation of the rotation as a framework computes it, and the error that its arithmetic claims.
///
/// None shares code with the exact reference or with the kernel: plain Swift, `Float`, `Double` and libm. What judges
/// backends must let every one of them pass at its claim.
package struct KnownGood: Sendable {
  /// What an implementation claims under one contract.
  package struct Claim: Sendable {
    /// The name of the budget that holds for every element.
    package let budget: String
    /// The name of a tighter budget that does not hold, so that the claim says no more than it must; nil where none
    /// is known to fail.
    package let exceeds: String?
  }

  /// What it computes and in which arithmetic.
  package let name: String
  /// The element types that it works on.
  package let types: [ElementType]
  let claims: Claims
  let angles: AngleRule
  let product: ProductRule

  /// What it claims under a contract on a plan; nil where it cannot follow the contract, as one that computes its
  /// frequencies in its own way cannot where they are given, or where no budget covers its arithmetic.
  package func claim(under contract: Contract, on plan: Plan) -> Claim? {
    switch contract {
    case .position: plan.isComputedByKnownGood ? claims.position(plan) : nil
    case .frequency: claims.frequency
    case .table: claims.table
    case .unrotated: nil
    }
  }

  /// Rotates every head of every token.
  ///
  /// - Parameters:
  ///   - plan: pairs with frequencies `base^(−2i/R)`, and an attention factor that is a number, where the angles follow
  ///     from it; see ``Plan/isComputedByKnownGood``.
  ///   - angles: of a contract under which ``claim(under:on:)`` has one.
  ///   - input: `[tokens, heads, D]`.
  ///   - heads: heads per token.
  /// - Returns: the outputs, of the input's shape and type.
  package func rotate(plan: Plan, angles: Angles, input: ElementArray, heads: Int) -> ElementArray {
    var output = input
    let dimension = plan.headDimension
    let values = input.values
    for token in 0..<input.count / (heads * dimension) {
      let factors = self.angles.factors(plan, angles, token: token)
      for head in 0..<heads {
        let first = (token * heads + head) * dimension
        let pairs = plan.pairs.map { (values[first + $0.input.first], values[first + $0.input.second]) }
        for (pair, rotated) in zip(plan.pairs, product.rotate(pairs, factors, input.type)) {
          output[first + pair.output.first] = input.type.bits(rounding: rotated.0)
          output[first + pair.output.second] = input.type.bits(rounding: rotated.1)
        }
      }
    }
    return output
  }
}

/// What an implementation claims under each contract; nil where it cannot follow it.
struct Claims: Sendable {
  var position: @Sendable (Plan) -> KnownGood.Claim?
  var frequency: KnownGood.Claim?
  var table: KnownGood.Claim?
}

extension Plan {
  /// Whether every frequency is `base^(−2i/R)` and the attention factor a number, which is all that the
  /// implementations compute themselves.
  package var isComputedByKnownGood: Bool {
    guard case .value = attentionFactor else { return false }
    return pairs.allSatisfy { $0.frequency.table.adjustment == .none }
  }
}
