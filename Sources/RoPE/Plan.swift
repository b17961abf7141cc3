/// The normal form of a configuration: which channels rotate together, at which frequency.
///
/// For a token whose position on the pair's axis is `p`, and the pair's frequency `f` in radians per position:
///
///     out[out.0] = A · (x[in.0] · cos(p·f) − x[in.1] · sin(p·f))
///     out[out.1] = A · (x[in.1] · cos(p·f) + x[in.0] · sin(p·f))
///
/// Every channel in no pair is copied bit for bit.
public struct Plan: Sendable, Equatable {
  /// Two channels that rotate together.
  public struct Pair: Sendable, Equatable {
    /// The channels read.
    public let input: Channels
    /// The channels written.
    public let output: Channels
    /// The position axis that drives the angle; 0 for text.
    public let axis: Int
    /// Radians per position.
    package let frequency: Frequency

    package init(input: Channels, output: Channels, axis: Int, frequency: Frequency) {
      self.input = input
      self.output = output
      self.axis = axis
      self.frequency = frequency
    }
  }

  /// The two channels of a pair, in the order (cosine part, sine part).
  public struct Channels: Sendable, Equatable {
    /// The channel that is multiplied with the cosine in the first output.
    public let first: Int
    /// The channel that is multiplied with the sine in the first output.
    public let second: Int
  }

  /// Channels per head, `D`.
  public let headDimension: Int
  /// The pairs, in order of frequency index; empty without RoPE.
  public internal(set) var pairs: [Pair]
  /// The multiplier `A` on cosine and sine.
  package let attentionFactor: AttentionFactor
  /// Coordinates in a token's position; 1 for text.
  public let axisCount: Int

  /// Channels that no pair writes, in ascending order.
  ///
  /// They are copied bit for bit.
  package var passThroughChannels: [Int] {
    let written = Set(pairs.flatMap { [$0.output.first, $0.output.second] })
    return (0..<headDimension).filter { !written.contains($0) }
  }

  /// The normal form of a configuration.
  ///
  /// `length` is the largest position of the call plus one, on which dynamic NTK and LongRoPE depend.
  ///
  /// - Throws: ``ConfigurationError`` if the configuration contradicts itself.
  package init(_ configuration: Configuration, length: Int = 1) throws(ConfigurationError) {
    try configuration.validate()
    self.init(unchecked: configuration, length: length)
  }

  /// The formulas of a configuration that need not fit in its head: a call with a plan that does not must be refused.
  package init(unchecked configuration: Configuration, length: Int) {
    headDimension = configuration.headDimension
    attentionFactor = configuration.attentionFactor.map { .value($0) } ?? configuration.scaling.attentionFactor
    axisCount = configuration.axes.count
    let adjustment = configuration.scaling.adjustment(length: length, headDimension: headDimension)
    let channels = configuration.pairedChannels
    pairs = zip(channels, configuration.axes.pairs(count: channels.count)).map { channels, entry in
      Pair(
        input: channels.input, output: channels.output, axis: entry.axis,
        frequency: Frequency(
          table: FrequencyTable(base: configuration.base, dimension: entry.dimension, adjustment: adjustment),
          index: entry.index))
    }
  }
}

extension Configuration {
  /// The channels of each pair, from one slice of the head or from one slice for each axis.
  fileprivate var pairedChannels: [(input: Plan.Channels, output: Plan.Channels)] {
    var slices = [rotaryDimension]
    if case .slices(let dimensions) = axes { slices = dimensions }
    var first = rotaryOffset
    return slices.flatMap { dimension in
      defer { first += dimension }
      return (0..<dimension / 2).map { pair in
        (
          pairing.channels(ofPair: pair, of: dimension / 2, from: first),
          outputPairing.channels(ofPair: pair, of: dimension / 2, from: first)
        )
      }
    }
  }
}

extension Pairing {
  /// The channels of pair `index` of `count` pairs whose slice begins at channel `offset`.
  package func channels(ofPair index: Int, of count: Int, from offset: Int) -> Plan.Channels {
    switch self {
    case .half: Plan.Channels(first: offset + index, second: offset + index + count)
    case .interleaved: Plan.Channels(first: offset + 2 * index, second: offset + 2 * index + 1)
    }
  }
}

/// The channels of a plan's pairs as plain numbers, for loops over many rows.
///
/// A ``Plan/Pair`` also holds its frequency, and copying it costs more than rotating it.
package final class PairChannels: @unchecked Sendable {
  /// The number of pairs.
  package let count: Int
  /// `[4, pairs]`: the channels read, first and second, then those written.
  package let numbers: UnsafePointer<Int>
  private let storage: UnsafeMutablePointer<Int>

  package init(_ pairs: [Plan.Pair]) {
    count = pairs.count
    storage = .allocate(capacity: max(1, 4 * pairs.count))
    numbers = UnsafePointer(storage)
    for (index, pair) in pairs.enumerated() {
      for (column, channel) in [pair.input.first, pair.input.second, pair.output.first, pair.output.second].enumerated()
      {
        (storage + column * count + index).initialize(to: channel)
      }
    }
  }

  deinit { storage.deallocate() }

  package func firstInput(_ pair: Int) -> Int { numbers[pair] }
  package func secondInput(_ pair: Int) -> Int { numbers[count &+ pair] }
  package func firstOutput(_ pair: Int) -> Int { numbers[2 &* count &+ pair] }
  package func secondOutput(_ pair: Int) -> Int { numbers[3 &* count &+ pair] }
}
