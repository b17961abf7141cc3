import Foundation
import Goldens
import RoPE

extension Mutant {
  static let scalings: [Mutant] = [
    Mutant(.scaling, "scaling-dropped", ["B51", "B61"], "uses the unscaled frequencies") {
      $0.reconfigure { $0.scaling = .none }
    },
    Mutant(.scaling, "scaling-added", ["B61"], "divides the frequencies by 8 in a layer that has no scaling") {
      $0.reconfigure { if $0.scaling == .none { $0.scaling = .linear(factor: 8) } }
    },
    Mutant(.scaling, "llama3-without-smoothing", ["B51"], "switches abruptly where llama3 interpolates") {
      $0.changeLlama3 { $0.highFreqFactor = $0.lowFreqFactor }
    },
    Mutant(.scaling, "llama3-factor-8", ["B52"], "scales by 8 instead of the model's factor") {
      $0.changeLlama3 { $0.factor = 8 }
    },
    Mutant(.scaling, "llama3-all-divided", ["B53"], "divides every frequency by llama3's factor") {
      $0.reconfigure { configuration in
        guard case .llama3(let llama3) = configuration.scaling else { return }
        configuration.scaling = .linear(factor: llama3.factor)
      }
    },
    Mutant(.scaling, "attention-factor-missing", ["B56"], "does not multiply by the attention factor") {
      $0.mapAttentionFactor { _ in 1 }
    },
    Mutant(.scaling, "attention-factor-squared", ["B56"], "multiplies by the attention factor twice") {
      $0.mapAttentionFactor { $0 * $0 }
    },
    Mutant(
      .scaling, "attention-factor-first-row-only", [],
      "multiplies only the first row of the batch by the attention factor"
    ) {
      let sequence = $0.call.sequence
      $0.isHarmless = $0.call.batch == 1
      return $0.leaveOutAttentionFactor { $0.token >= sequence }
    },
    Mutant(.scaling, "attention-factor-query-only", ["B56"], "does not multiply K by the attention factor") {
      $0.leaveOutAttentionFactor { $0.tensor == .key }
    },
    Mutant(
      .scaling, "attention-factor-not-cancelled", ["B56"],
      "multiplies by YaRN's factor, although mscale and mscale_all_dim cancel"
    ) {
      $0.changeYaRN { yarn in
        yarn.mscale = nil
        yarn.mscaleAllDim = nil
      }
    },
    Mutant(.scaling, "yarn-all-interpolated", ["B55"], "divides every frequency by YaRN's factor") {
      $0.reconfigure { configuration in
        guard case .yarn(let yarn) = configuration.scaling else { return }
        configuration.scaling = .linear(factor: yarn.factor)
        configuration.keepAttentionFactor(of: .yarn(yarn))
      }
    },
    Mutant(
      .scaling, "yarn-truncate-inverted", ["B55"],
      "rounds the ends of YaRN's ramp where the model does not, or the reverse"
    ) {
      $0.changeYaRN { $0.truncate.toggle() }
    },
    Mutant(.scaling, "yarn-default-betas", [], "uses beta_fast 32 and beta_slow 1 instead of the model's values") {
      $0.changeYaRN { yarn in
        yarn.betaFast = 32
        yarn.betaSlow = 1
      }
    },
    Mutant(
      .scaling, "longrope-early", ["B58"], "uses the long factors already at exactly the original length",
      fewCases: "only one model switches its factors, and at only one length they differ from what the mistake uses"
    ) {
      let length = $0.length
      return $0.reconfigure { configuration in
        guard case .longrope(var longrope) = configuration.scaling, longrope.originalMaxPositionEmbeddings == length
        else { return }
        longrope.shortFactor = longrope.longFactor
        configuration.keepAttentionFactor(of: configuration.scaling)
        configuration.scaling = .longrope(longrope)
      }
    },
    Mutant(.scaling, "longrope-never-long", ["B57"], "uses the short factors for long calls") {
      $0.changeLongRoPE { $0.longFactor = $0.shortFactor }
    },
    Mutant(.scaling, "longrope-always-long", ["B57"], "uses the long factors for short calls") {
      $0.changeLongRoPE { $0.shortFactor = $0.longFactor }
    },
    Mutant(.scaling, "dynamic-constant", ["B59"], "scales by a constant, although the scaling depends on the length") {
      $0.reconfigure { configuration in
        guard case .dynamic(let factor, _) = configuration.scaling else { return }
        configuration.scaling = .ntk(alpha: factor)
      }
    },
    Mutant(.scaling, "ntk-as-linear", [], "divides the frequencies by alpha instead of scaling the base by it") {
      $0.reconfigure { configuration in
        guard case .ntk(let alpha) = configuration.scaling else { return }
        configuration.scaling = .linear(factor: alpha)
      }
    },
    Mutant(.scaling, "turns-as-radians", [], "treats normalised coordinates as radians, although they are turns") {
      guard $0.derivesFrequencies, case .normalized = $0.convention.scaling else { return false }
      return $0.mapFrequencies { $1 / (2 * .pi) }
    },
    Mutant(.scaling, "frequencies-inverted", [], "divides positions by the inverse frequencies instead of multiplying")
    {
      $0.mapFrequencies { $1 == 0 ? 0 : 1 / $1 }
    },
    Mutant(.scaling, "last-frequency-repeated", [], "turns the last pair by the frequency of the one before it") {
      let frequencies = $0.golden.inverseFrequencies
      return $0.mapFrequencies { $0 > 0 && $0 == frequencies.count - 1 ? frequencies[$0 - 1] : $1 }
    },
    Mutant(
      .scaling, "frequencies-zero", [], "turns every pair by the angle 0, and still multiplies by the attention factor"
    ) {
      $0.mapFrequencies { _, _ in 0 }
    },
    Mutant(.scaling, "base-10000", ["B60"], "uses the base 10000 instead of the model's") {
      $0.reconfigure { $0.base = 1e4 }
    },
    Mutant(.scaling, "base-1000042", ["B60"], "uses the base 1000042 instead of 1000000") {
      $0.reconfigure { if $0.base == 1e6 { $0.base = 1_000_042 } }
    },
    Mutant(
      .scaling, "ratio-divides-positions", ["B60"],
      "divides positions by the ratio instead of multiplying the base by it"
    ) {
      $0.reconfigure { configuration in
        let ratio = configuration.base / 1e4
        guard configuration.scaling == .none, ratio > 1, ratio == ratio.rounded() else { return }
        configuration.base = 1e4
        configuration.scaling = .linear(factor: ratio)
      }
    },
  ]
}

extension MutantComputation {
  /// Leaves the attention factor out of some rows, if the implementation multiplies by it.
  fileprivate mutating func leaveOutAttentionFactor(of isLeftOut: @escaping @Sendable (RowIndex) -> Bool) -> Bool {
    let factor = golden.attentionFactor
    multiplyResults { isLeftOut($0) ? 1 / factor : nil }
    return factor != 1 && (contract == .frequency || contract == .position)
  }

  fileprivate mutating func changeLlama3(_ change: (inout FrequencyScaling.Llama3) -> Void) -> Bool {
    reconfigure { configuration in
      guard case .llama3(var llama3) = configuration.scaling else { return }
      change(&llama3)
      configuration.scaling = .llama3(llama3)
    }
  }

  fileprivate mutating func changeYaRN(_ change: (inout FrequencyScaling.YaRN) -> Void) -> Bool {
    reconfigure { configuration in
      guard case .yarn(var yarn) = configuration.scaling else { return }
      change(&yarn)
      configuration.scaling = .yarn(yarn)
    }
  }

  fileprivate mutating func changeLongRoPE(_ change: (inout FrequencyScaling.LongRoPE) -> Void) -> Bool {
    reconfigure { configuration in
      guard case .longrope(var longrope) = configuration.scaling else { return }
      change(&longrope)
      configuration.scaling = .longrope(longrope)
    }
  }
}

extension Configuration {
  /// States the attention factor, in float64, of a scaling that is about to be replaced.
  fileprivate mutating func keepAttentionFactor(of scaling: FrequencyScaling) {
    guard attentionFactor == nil, case .mscale(let mscale, let factor, let all) = scaling.attentionFactor else {
      return
    }
    func g(_ mscale: Double) -> Double { factor <= 1 ? 1 : 0.1 * mscale * log(factor) + 1 }
    attentionFactor = all.map { g(mscale) / g($0) } ?? g(mscale)
  }
}
