extension Plan.Channels {
  /// Two channels, in the order (cosine part, sine part).
  package init(_ first: Int, _ second: Int) {
    self.first = first
    self.second = second
  }
}

extension FrequencyTable {
  /// Frequencies given as a list, in radians per position; the base is unused.
  package static func list(_ values: [Double]) -> FrequencyTable {
    FrequencyTable(base: 1, dimension: max(2, 2 * values.count), adjustment: .values(values))
  }

  /// Frequencies by the formula of a scaling, for a call of `length` positions; `dimension` is the denominator of the
  /// exponent.
  ///
  /// - Throws: ``ConfigurationError`` if the values yield no frequencies.
  package static func formula(
    base: Double, dimension: Int, scaling: FrequencyScaling = .none, length: Int = 1
  ) throws(ConfigurationError) -> FrequencyTable {
    let configuration = Configuration(
      headDimension: dimension, rotaryDimension: dimension, pairing: .half, base: base, scaling: scaling)
    guard dimension >= 2 else { throw .rotaryDimension(dimension, headDimension: dimension) }
    try configuration.validate()
    return FrequencyTable(
      base: base, dimension: dimension, adjustment: scaling.adjustment(length: length, headDimension: dimension))
  }
}

/// An error for an explicit plan that is not a list of rotations.
package enum PlanError: Error, Equatable, CustomStringConvertible {
  case headDimension(Int)
  case axisCount(Int)
  case attentionFactor(Double)
  case channel(pair: Int, channel: Int, headDimension: Int)
  /// A channel that is read or written by two pairs, or twice by one.
  case repeated(pair: Int, channel: Int, isRead: Bool)
  /// Channels that are written but not read, so that a value is lost.
  case overwritten([Int])
  /// A rule with more pairs than fit in a head, or with fewer than 0.
  case pairCount(Int, headDimension: Int)
  /// A rule's first channel, if it is negative or its slice does not fit in the head.
  case offset(Int, largest: Int)
  /// A number of axes that is not the number of pairs.
  case axes(count: Int, pairCount: Int)
  case axis(pair: Int, axis: Int, axisCount: Int)
  /// A number of frequencies that is not the number of pairs.
  case frequencies(count: Int, pairCount: Int)
  case frequency(pair: Int, value: String)
  /// An attention factor with normalised coordinates, for which the exact result is not proven.
  case normalizedAttentionFactor

  package var description: String {
    switch self {
    case .headDimension(let value): "head_dim \(value): must be at least 1"
    case .axisCount(let value): "axis_count \(value): must be at least 1 and at most \(Plan.largestAxisCount)"
    case .attentionFactor(let value): "attention_factor \(value): must be finite and greater than 0"
    case .channel(let pair, let channel, let headDimension):
      "pairs[\(pair)]: channel \(channel) must be at least 0 and below head_dim \(headDimension)"
    case .repeated(let pair, let channel, let isRead):
      "pairs[\(pair)]: channel \(channel) is \(isRead ? "read" : "written") a second time"
    case .overwritten(let channels):
      "pairs: channels \(channels) are written by a pair, but read by none"
    case .pairCount(let count, let headDimension):
      "pairs.count \(count): must be at least 0 and at most half of head_dim \(headDimension)"
    case .offset(let offset, let largest):
      "pairs.offset \(offset): must be at least 0 and at most \(largest)"
    case .axes(let count, let pairCount):
      "axes with \(count) numbers: must be a list of \(pairCount), one for each pair"
    case .axis(let pair, let axis, let axisCount):
      "axes[\(pair)] \(axis): must be at least 0 and below axis_count \(axisCount)"
    case .frequencies(let count, let pairCount):
      "frequencies with \(count) numbers: must be a list of \(pairCount), one for each pair"
    case .frequency(let pair, let value):
      "frequencies[\(pair)] \(value): must be an entry of its table, and at most 2^64 in magnitude"
    case .normalizedAttentionFactor:
      "attention_factor: must be 1 with frequencies of rope_type normalized"
    }
  }
}

extension Plan {
  /// A bound on `axisCount` that no model reaches.
  static let largestAxisCount = 256

  /// A plan made from pairs, for a convention that no configuration can express.
  ///
  /// - Throws: ``PlanError`` unless every channel is in the head and is read and written at most once, the same
  ///   channels are read and written, every axis is below `axisCount`, every listed frequency is at most 2^64 in
  ///   magnitude, and normalised coordinates have no attention factor.
  package init(
    headDimension: Int, pairs: [Pair], attentionFactor: AttentionFactor = .value(1), axisCount: Int = 1
  ) throws(PlanError) {
    guard headDimension >= 1 else { throw .headDimension(headDimension) }
    guard (1...Self.largestAxisCount).contains(axisCount) else { throw .axisCount(axisCount) }
    if case .value(let value) = attentionFactor, !(value.isFinite && value > 0) { throw .attentionFactor(value) }
    var read: Set<Int> = [], written: Set<Int> = []
    for (index, pair) in pairs.enumerated() {
      for channel in [pair.input.first, pair.input.second, pair.output.first, pair.output.second] {
        guard (0..<headDimension).contains(channel) else {
          throw .channel(pair: index, channel: channel, headDimension: headDimension)
        }
      }
      for channel in [pair.input.first, pair.input.second] where !read.insert(channel).inserted {
        throw .repeated(pair: index, channel: channel, isRead: true)
      }
      for channel in [pair.output.first, pair.output.second] where !written.insert(channel).inserted {
        throw .repeated(pair: index, channel: channel, isRead: false)
      }
      guard (0..<axisCount).contains(pair.axis) else {
        throw .axis(pair: index, axis: pair.axis, axisCount: axisCount)
      }
      try pair.frequency.checkEntry(ofPair: index)
      if case .normalized = pair.frequency.table.adjustment, !attentionFactor.isOne { throw .normalizedAttentionFactor }
    }
    guard written == read else { throw .overwritten(written.subtracting(read).sorted()) }
    self.headDimension = headDimension
    self.pairs = pairs
    self.attentionFactor = attentionFactor
    self.axisCount = axisCount
  }
}

extension Frequency {
  fileprivate func checkEntry(ofPair pair: Int) throws(PlanError) {
    var count = Int.max
    switch table.adjustment {
    case .values(let values):
      count = values.count
      // No model comes near this bound, as with the parameters of a scaling. NaN fails the comparison too.
      if values.indices.contains(index), !(values[index].magnitude <= 0x1p64) {
        throw .frequency(pair: pair, value: "\(values[index])")
      }
    case .dividedEach(let factors): count = factors.count
    default: break
    }
    guard index >= 0, index < count else { throw .frequency(pair: pair, value: "entry \(index)") }
  }
}
