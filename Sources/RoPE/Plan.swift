/// The normal form of a configuration: which channels rotate together, at which frequency.
///
/// For a token at position `p` (radians per position `f` from ``frequencies``):
///
///     out[out.0] = A · (x[in.0] · cos(p·f) − x[in.1] · sin(p·f))
///     out[out.1] = A · (x[in.1] · cos(p·f) + x[in.0] · sin(p·f))
///
/// Every channel in no pair is copied bit for bit. Everything after `Models` works from the plan alone.
public struct Plan: Sendable, Equatable {
  /// Two channels that rotate together.
  public struct Pair: Sendable, Equatable {
    /// The channels read.
    public let input: Channels
    /// The channels written.
    public let output: Channels
    /// The position axis that drives the angle; 0 for text.
    public let axis: Int
  }

  /// The two channels of a pair, in the order (cosine part, sine part).
  public struct Channels: Sendable, Equatable {
    public let first: Int
    public let second: Int
  }

  /// Channels per head, `D`.
  public let headDimension: Int
  /// The pairs, in order of frequency index; empty without RoPE.
  public let pairs: [Pair]
  /// How the frequency of pair `i` is computed.
  public let frequencies: FrequencyFormula
  /// The multiplier on cosine and sine, `A`.
  public let attentionFactor: Double

  /// Channels that no pair writes, in ascending order. They are copied bit for bit.
  public var passThroughChannels: [Int] {
    let written = Set(pairs.flatMap { [$0.output.first, $0.output.second] })
    return (0..<headDimension).filter { !written.contains($0) }
  }

  /// The normal form of a configuration.
  ///
  /// - Throws: ``ConfigurationError`` where the configuration contradicts itself.
  public init(_ configuration: Configuration) throws(ConfigurationError) {
    try configuration.validate()
    let count = configuration.rotaryDimension / 2
    let offset = configuration.rotaryOffset
    headDimension = configuration.headDimension
    attentionFactor = configuration.attentionFactor
    frequencies = FrequencyFormula(
      base: configuration.base, dimension: configuration.rotaryDimension, scaling: configuration.scaling)
    pairs = (0..<count).map { index in
      Pair(
        input: configuration.pairing.channels(ofPair: index, of: count, from: offset),
        output: configuration.outputPairing.channels(ofPair: index, of: count, from: offset),
        axis: 0)
    }
  }
}

/// How the frequency of a pair is computed, in real arithmetic.
///
/// `f_i = base^(−2i/dimension)` before scaling (Su et al. 2021, RoFormer, section 3.2.2), where
/// the exponent's denominator is the rotary, not the head dimension.
public struct FrequencyFormula: Sendable, Equatable {
  /// The base θ.
  public let base: Double
  /// The denominator of the exponent.
  public let dimension: Int
  /// What is done to `base^(−2i/dimension)`.
  public let scaling: FrequencyScaling
}

extension Pairing {
  /// The channels of pair `index` of `count` pairs whose slice begins at channel `offset`.
  public func channels(ofPair index: Int, of count: Int, from offset: Int) -> Plan.Channels {
    switch self {
    case .half: Plan.Channels(first: offset + index, second: offset + index + count)
    case .interleaved: Plan.Channels(first: offset + 2 * index, second: offset + 2 * index + 1)
    }
  }
}
