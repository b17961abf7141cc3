/// The rotary convention of one model, in the field's terms.
///
/// A model without rotary embedding has `rotaryDimension` 0 and its other values are unused.
public struct Configuration: Codable, Sendable, Equatable {
  /// Channels per head, `D`.
  public var headDimension: Int
  /// Channels that rotate, `R ≤ D`, even.
  public var rotaryDimension: Int
  /// The first channel that rotates.
  public var rotaryOffset: Int
  /// How channels are paired in the input.
  public var pairing: Pairing
  /// How channels are paired in the output; differs from `pairing` in DeepSeek-V3.
  public var outputPairing: Pairing
  /// The base θ of the inverse frequencies.
  public var base: Double
  /// What is done to the inverse frequencies `base^(−2i/R)`.
  public var scaling: FrequencyScaling
  /// The multiplier on cosine and sine, `A`, where it does not follow from the scaling.
  public var attentionFactor: Double?
  /// Which coordinate of a position drives which pair.
  public var axes: PositionAxes

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
  /// - Parameter outputPairing: `pairing` unless given.
  public init(
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
  public static func withoutRoPE(headDimension: Int) -> Configuration {
    Configuration(headDimension: headDimension, rotaryDimension: 0, pairing: .half, base: 1)
  }
}
