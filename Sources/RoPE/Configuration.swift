/// The rotary convention of one model, in the field's terms.
///
/// A model without rotary embedding has `rotaryDimension` 0 and its other values are unused.
package struct Configuration: Codable, Sendable, Equatable {
  /// Channels per head, `D`.
  package var headDimension: Int
  /// Channels that rotate, `R ≤ D`, even.
  package var rotaryDimension: Int
  /// The first channel that rotates.
  package var rotaryOffset: Int
  /// The pairing of the channels read.
  package var pairing: Pairing
  /// The pairing of the channels written; differs from `pairing` in DeepSeek-V3.
  package var outputPairing: Pairing
  /// The base θ of the inverse frequencies.
  package var base: Double
  /// The scaling of the inverse frequencies `base^(−2i/R)`.
  package var scaling: FrequencyScaling
  /// The multiplier `A` on cosine and sine; nil if it follows from the scaling.
  package var attentionFactor: Double?
  /// The position axis that drives each pair.
  package var axes: PositionAxes

  private enum CodingKeys: String, CodingKey {
    case pairing, scaling, axes
    case headDimension = "head_dim"
    case rotaryDimension = "rotary_dim"
    case rotaryOffset = "rotary_offset"
    case outputPairing = "output_pairing"
    case base = "rope_theta"
    case attentionFactor = "attention_factor"
  }

  /// A convention that rotates `rotaryDimension` channels from `rotaryOffset`.
  ///
  /// `outputPairing` is `pairing` unless given.
  package init(
    headDimension: Int, rotaryDimension: Int, rotaryOffset: Int = 0, pairing: Pairing,
    outputPairing: Pairing? = nil, base: Double, scaling: FrequencyScaling = .none, attentionFactor: Double? = nil,
    axes: PositionAxes = .single
  ) {
    self.headDimension = headDimension
    self.rotaryDimension = rotaryDimension
    self.rotaryOffset = rotaryOffset
    self.pairing = pairing
    self.outputPairing = outputPairing ?? pairing
    self.base = base
    self.scaling = scaling
    self.attentionFactor = attentionFactor
    self.axes = axes
  }

  /// A model or layer without rotary embedding (NoPE): its output is its input, bit for bit.
  package static func withoutRoPE(headDimension: Int) -> Configuration {
    Configuration(headDimension: headDimension, rotaryDimension: 0, pairing: .half, base: 1)
  }
}

/// An error for a configuration that contradicts itself: the value, and the requirement.
package enum ConfigurationError: Error, Equatable, CustomStringConvertible {
  case headDimension(Int)
  case rotaryDimension(Int, headDimension: Int)
  case rotaryOffset(Int, rotaryDimension: Int, headDimension: Int)
  case base(Double)
  case attentionFactor(Double)
  case scaling(parameter: String, value: String, mustBe: String)
  case sections([Int], expected: String)

  package var description: String {
    switch self {
    case .headDimension(let value):
      "head dimension \(value): must be at least 1"
    case .rotaryDimension(let value, let headDimension):
      "rotary dimension \(value): must be even and between 0 and the head dimension \(headDimension)"
    case .rotaryOffset(let value, let rotaryDimension, let headDimension):
      "rotary offset \(value): a slice of \(rotaryDimension) channels from there does not lie in a head of "
        + "\(headDimension)"
    case .base(let value):
      "base \(value): must be finite and greater than 0"
    case .attentionFactor(let value):
      "attention factor \(value): must be finite and greater than 0"
    case .scaling(let parameter, let value, let requirement):
      "\(parameter) \(value): must be \(requirement)"
    case .sections(let sections, let expected):
      "position axes \(sections): must be \(expected)"
    }
  }
}

extension Configuration {
  /// Checks that the values fit together.
  ///
  /// - Throws: ``ConfigurationError`` naming the first value that does not.
  package func validate() throws(ConfigurationError) {
    guard headDimension >= 1 else { throw .headDimension(headDimension) }
    guard rotaryDimension >= 0, rotaryDimension <= headDimension, rotaryDimension.isMultiple(of: 2) else {
      throw .rotaryDimension(rotaryDimension, headDimension: headDimension)
    }
    guard rotaryOffset >= 0, rotaryOffset <= headDimension - rotaryDimension else {
      throw .rotaryOffset(rotaryOffset, rotaryDimension: rotaryDimension, headDimension: headDimension)
    }
    guard base.isFinite, base > 0 else { throw .base(base) }
    if let attentionFactor {
      guard attentionFactor.isFinite, attentionFactor > 0 else { throw .attentionFactor(attentionFactor) }
    }
    guard rotaryDimension > 0 else { return }
    if case .normalized = scaling, let attentionFactor, attentionFactor != 1 {
      throw .scaling(parameter: "attention_factor", value: "\(attentionFactor)", mustBe: "1 for normalized")
    }
    try scaling.validate(base: base, pairs: rotaryDimension / 2, headDimension: headDimension)
    try axes.validate(rotaryDimension: rotaryDimension)
  }
}
