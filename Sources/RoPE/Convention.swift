/// The rotation of a case's heads: the convention of a model, or an explicit plan.
///
/// Its JSON is the configuration's or the plan's; only an explicit plan has the key `pairs`.
package enum Convention: Sendable, Equatable {
  case configuration(Configuration)
  case explicit(ExplicitPlan)

  /// Channels per head, `D`.
  package var headDimension: Int {
    switch self {
    case .configuration(let configuration): configuration.headDimension
    case .explicit(let plan): plan.headDimension
    }
  }

  /// Channels that rotate, two for each pair.
  package var rotaryDimension: Int {
    switch self {
    case .configuration(let configuration): configuration.rotaryDimension
    case .explicit(let plan): 2 * plan.pairCount
    }
  }

  /// Coordinates in a token's position.
  package var axisCount: Int {
    switch self {
    case .configuration(let configuration): configuration.axes.count
    case .explicit(let plan): plan.axisCount
    }
  }

  /// The pairing of the input channels; nil if pairs are listed.
  package var pairing: Pairing? {
    switch self {
    case .configuration(let configuration): return configuration.pairing
    case .explicit(let plan):
      guard case .rule(let pairing, _, _, _) = plan.pairs else { return nil }
      return pairing
    }
  }

  /// True if every pair writes the channels that it reads.
  package var isPairedAlike: Bool {
    switch self {
    case .configuration(let configuration): configuration.pairing == configuration.outputPairing
    case .explicit(let plan):
      switch plan.pairs {
      case .rule(let input, let output, _, _): input == output
      case .list(let pairs): pairs.allSatisfy { $0.input == $0.output }
      }
    }
  }

  /// The base θ; nil if frequencies are listed.
  package var base: Double? {
    switch self {
    case .configuration(let configuration): return configuration.base
    case .explicit(let plan):
      guard case .formula(let base, _, _) = plan.frequencies else { return nil }
      return base
    }
  }

  /// The scaling of the frequencies.
  package var scaling: FrequencyScaling {
    switch self {
    case .configuration(let configuration): configuration.scaling
    case .explicit(let plan): plan.scaling
    }
  }

  /// The multiplier `A` on cosine and sine: the given value, or the one that the scaling implies.
  package var attentionFactor: AttentionFactor {
    let given =
      switch self {
      case .configuration(let configuration): configuration.attentionFactor
      case .explicit(let plan): plan.attentionFactor
      }
    return given.map { .value($0) } ?? scaling.attentionFactor
  }

  /// The convention of a model; nil for an explicit plan.
  package var configuration: Configuration? {
    if case .configuration(let configuration) = self { configuration } else { nil }
  }

  /// The convention in its normal form.
  ///
  /// `length` is the largest position of the call plus one, on which dynamic NTK and LongRoPE depend.
  ///
  /// - Throws: ``ConfigurationError`` or ``PlanError`` if the convention contradicts itself.
  package func plan(length: Int = 1) throws -> Plan {
    switch self {
    case .configuration(let configuration): try Plan(configuration, length: length)
    case .explicit(let plan): try Plan(plan, length: length)
    }
  }
}

extension Convention: Codable {
  private enum CodingKeys: CodingKey {
    case pairs
  }

  package init(from decoder: any Decoder) throws {
    let isExplicit = try decoder.container(keyedBy: CodingKeys.self).contains(.pairs)
    self = isExplicit ? .explicit(try ExplicitPlan(from: decoder)) : .configuration(try Configuration(from: decoder))
  }

  package func encode(to encoder: any Encoder) throws {
    switch self {
    case .configuration(let configuration): try configuration.encode(to: encoder)
    case .explicit(let plan): try plan.encode(to: encoder)
    }
  }
}
