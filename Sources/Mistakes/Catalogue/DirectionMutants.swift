import Goldens
import RoPE

extension Mutant {
  static let directions: [Mutant] = [
    Mutant(.direction, "backward-as-forward", ["B72"], "rotates gradients forward") {
      guard $0.workload.direction == .inverse else { return false }
      // The call's direction was applied to the angles before, and is to the plan later: twice, it is forward.
      $0.plan = $0.plan.running(.inverse)
      $0.angles = $0.angles.running(.inverse)
      return !$0.plan.pairs.isEmpty
    },
    Mutant(
      .direction, "backward-in-forward-order", ["B72"],
      "reads gradients where the forward pass reads its inputs, although it writes pairs in another order"
    ) {
      guard $0.workload.direction == .inverse, !$0.convention.isPairedAlike else { return false }
      $0.plan = $0.plan.running(.inverse)
      return true
    },
    Mutant(
      .direction, "backward-divides-by-attention-factor", ["B72"],
      "divides gradients by the attention factor instead of multiplying them"
    ) {
      $0.workload.direction == .inverse && $0.mapAttentionFactor { 1 / $0 }
    },
    Mutant(
      .direction, "backward-read-as-contiguous", [],
      "reads strided gradients as if they were contiguous"
    ) {
      $0.workload.direction == .inverse && $0.readAsContiguous()
    },
  ]
}
