import RoPE

/// A right implementation of the rotation as a framework computes it, and the error that its arithmetic claims.
///
/// None shares code with the exact reference or with the kernel: they use plain Swift, `Float`, `Double` and libm.
/// Every part that judges backends must let each of them pass at its claim.
package struct KnownGood: Sendable {
  /// The claim of an implementation under one contract.
  package struct Claim: Sendable {
    /// The name of the budget that holds for every element.
    package let budget: String
    /// The name of a tighter budget that does not hold, which shows that the claim is no looser than needed; nil if
    /// none is known to fail.
    package let exceeds: String?
  }

  /// The computation, and its arithmetic.
  package let name: String
  /// The element types that it works on.
  package let types: [ElementType]
  let claims: Claims
  let angles: AngleRule
  let product: ProductRule
  /// True if channels that do not rotate pass through a conversion, so that a NaN loses its payload.
  let copiesInFloat32: Bool

  /// The claim under a contract on a plan.
  ///
  /// Nil if the implementation cannot follow the contract, for example because it computes frequencies in its own way
  /// although they are given, or if no budget covers its arithmetic.
  package func claim(under contract: Contract, on plan: Plan) -> Claim? {
    switch contract {
    case .position: plan.isComputedByKnownGood ? claims.position(plan) : nil
    case .frequency: claims.frequency
    case .table: claims.table
    case .unrotated: nil
    }
  }

  /// True if the positions of a call can have a fraction.
  package var takesFractions: Bool { angles.takesFractions }

  /// Rotates every head of every token.
  ///
  /// - Parameters:
  ///   - plan: pairs with frequencies `base^(−2i/R)`, and an attention factor that is a number, if the angles follow
  ///     from it; see ``Plan/isComputedByKnownGood``.
  ///   - angles: the angles, of a contract for which ``claim(under:on:)`` is not nil.
  ///   - input: `[tokens, heads, D]`.
  ///   - heads: heads per token.
  /// - Returns: the outputs, of the input's shape and type.
  package func rotate(plan: Plan, angles: Angles, input: ElementArray, heads: Int) -> ElementArray {
    var output = input
    let dimension = plan.headDimension
    let values = input.values
    let copied = copiesInFloat32 ? plan.passThroughChannels : []
    for token in 0..<input.count / (heads * dimension) {
      let factors = self.angles.factors(plan, angles, token: token)
      for head in 0..<heads {
        let first = (token * heads + head) * dimension
        for channel in copied { output[first + channel] = input.type.bits(rounding: values[first + channel]) }
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

/// The claims of an implementation under each contract; nil if it cannot follow the contract.
struct Claims: Sendable {
  var position: @Sendable (Plan) -> KnownGood.Claim?
  var frequency: KnownGood.Claim?
  var table: KnownGood.Claim?
}

extension Plan {
  /// True if every frequency is `base^(−2i/R)` and the attention factor is a number: the implementations themselves
  /// compute no more than that.
  package var isComputedByKnownGood: Bool {
    guard case .value = attentionFactor else { return false }
    return pairs.allSatisfy { $0.frequency.table.adjustment == .none }
  }
}
