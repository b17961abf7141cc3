extension FrequencyScaling {
  /// Checks that the parameters yield frequencies.
  ///
  /// - Throws: ``ConfigurationError`` naming the first invalid parameter.
  func validate(base: Double, pairs: Int, headDimension: Int) throws(ConfigurationError) {
    switch self {
    case .none: break
    case .linear(let factor):
      try positive("factor", factor)
    case .ntk(let alpha):
      try positive("alpha", alpha)
      try requireBaseScaling(pairs)
    case .dynamic(let factor, let maximum):
      try positive("factor", factor)
      try length(maximum, "max_position_embeddings")
      // A smaller factor would make the base negative for long calls.
      guard factor >= 1 else { throw .scaling(parameter: "factor", value: "\(factor)", mustBe: "at least 1") }
      try requireBaseScaling(pairs)
    case .yarn(let yarn):
      try positive("factor", yarn.factor)
      try length(yarn.originalMaxPositionEmbeddings, "original_max_position_embeddings")
      try positive("beta_fast", yarn.betaFast)
      try positive("beta_slow", yarn.betaSlow)
      guard yarn.betaFast >= yarn.betaSlow else {
        throw .scaling(
          parameter: "beta_fast", value: "\(yarn.betaFast)", mustBe: "at least beta_slow, \(yarn.betaSlow)")
      }
      for (name, value) in [("mscale", yarn.mscale), ("mscale_all_dim", yarn.mscaleAllDim)] {
        guard let value else { continue }
        guard value.isFinite, value >= 0 else {
          throw .scaling(parameter: name, value: "\(value)", mustBe: "finite and at least 0")
        }
      }
      guard base > 1 else { throw .scaling(parameter: "rope_theta", value: "\(base)", mustBe: "above 1 for yarn") }
    case .llama3(let llama3):
      try positive("factor", llama3.factor)
      try positive("low_freq_factor", llama3.lowFreqFactor)
      try positive("high_freq_factor", llama3.highFreqFactor)
      try length(llama3.originalMaxPositionEmbeddings, "original_max_position_embeddings")
      guard llama3.highFreqFactor >= llama3.lowFreqFactor else {
        throw .scaling(
          parameter: "high_freq_factor", value: "\(llama3.highFreqFactor)",
          mustBe: "at least low_freq_factor, \(llama3.lowFreqFactor)")
      }
    case .longrope(let longrope):
      try length(longrope.originalMaxPositionEmbeddings, "original_max_position_embeddings", atLeast: 2)
      try positive("factor", longrope.factor)
      for (name, factors) in [("short_factor", longrope.shortFactor), ("long_factor", longrope.longFactor)] {
        guard factors.count == pairs else {
          throw .scaling(
            parameter: name, value: "with \(factors.count) numbers", mustBe: "a list of \(pairs), one for each pair")
        }
        for (index, factor) in factors.enumerated() { try positive("\(name)[\(index)]", factor) }
      }
    case .proportional(let share, let factor):
      try positive("factor", factor)
      guard share > 0, share <= 1 else {
        throw .scaling(parameter: "partial_rotary_factor", value: "\(share)", mustBe: "above 0 and at most 1")
      }
      guard 2 * pairs == headDimension else {
        throw .scaling(
          parameter: "rotary dimension", value: "\(2 * pairs)",
          mustBe: "the head dimension \(headDimension) for proportional")
      }
    case .normalized(let extent):
      try length(extent, "extent")
    }
  }

  /// Checks that a value lies between bounds that no model comes near, and within which no frequency overflows.
  private func positive(_ name: String, _ value: Double) throws(ConfigurationError) {
    guard value.isFinite, value > 0 else {
      throw .scaling(parameter: name, value: "\(value)", mustBe: "finite and greater than 0")
    }
    guard value >= 0x1p-64, value <= 0x1p64 else {
      throw .scaling(parameter: name, value: "\(value)", mustBe: "between 2^-64 and 2^64")
    }
  }

  /// Checks a number of tokens or patches: positions up to twice as many must fit in 31 bits.
  private func length(_ value: Int, _ name: String, atLeast least: Int = 1) throws(ConfigurationError) {
    guard value >= least else { throw .scaling(parameter: name, value: "\(value)", mustBe: "at least \(least)") }
    guard value <= 1 << 30 else { throw .scaling(parameter: name, value: "\(value)", mustBe: "at most 2^30") }
  }

  /// Checks that there are at least two pairs, which the exponent `R/(R−2)` needs.
  private func requireBaseScaling(_ pairs: Int) throws(ConfigurationError) {
    guard pairs > 1 else {
      throw .scaling(
        parameter: "rotary dimension", value: "\(2 * pairs)", mustBe: "at least 4 if the scaling changes the base")
    }
  }
}

extension PositionAxes {
  /// Checks that the axes have as many pairs as the rotary dimension.
  func validate(rotaryDimension: Int) throws(ConfigurationError) {
    let pairs = rotaryDimension / 2
    switch self {
    case .single: break
    case .sections(let lengths), .interleavedSections(let lengths), .alternatingSections(let lengths):
      // The two interleaved layouts are made for time, height and width.
      var counts = 3...3
      if case .sections = self { counts = 2...max(2, pairs) }
      guard counts.contains(lengths.count), lengths.allSatisfy({ (0...pairs).contains($0) }),
        lengths.reduce(0, +) == pairs
      else {
        throw .sections(lengths, expected: "lengths of at least 0, one for each axis, that sum to \(pairs) pairs")
      }
    case .blocks(let dimensions), .slices(let dimensions):
      guard dimensions.count >= 2, dimensions.allSatisfy({ $0 > 0 && $0 <= rotaryDimension && $0.isMultiple(of: 2) }),
        dimensions.reduce(0, +) == rotaryDimension
      else {
        throw .sections(dimensions, expected: "even dimensions, one for each axis, that sum to \(rotaryDimension)")
      }
    case .evenOdd, .alternating:
      guard pairs.isMultiple(of: 2) else {
        throw .sections([pairs], expected: "an even number of pairs, half of them for each axis")
      }
    }
  }
}
