/// What is done to the inverse frequencies `base^(−2i/R)`, with Hugging Face's parameter names.
///
/// The formulas are those of transformers 5.23.0, `modeling_rope_utils.py`, in real arithmetic; YaRN is by Peng et al.
/// (2023), LongRoPE by Ding et al. (2024).
public enum FrequencyScaling: Sendable, Equatable {
  /// `f_i = base^(−2i/R)`.
  case none
  /// `f_i / factor`.
  case linear(factor: Double)
  /// The base is `base · alpha^(R/(R−2))`, whatever the length of the call (NTK-aware, static; Hunyuan).
  case ntk(alpha: Double)
  /// The base is `base · (factor · L/Lmax − (factor − 1))^(R/(R−2))` with `L` the length of the call, at least
  /// `Lmax = maxPositionEmbeddings`.
  case dynamic(factor: Double, maxPositionEmbeddings: Int)
  case yarn(YaRN)
  case llama3(Llama3)
  case longrope(LongRoPE)
  /// `f_i / factor` for the first pairs, as many as `partialRotaryFactor` of the head has, and 0 for the others
  /// (Gemma-4, full-attention layers).
  case proportional(partialRotaryFactor: Double, factor: Double)
  /// `f_i · 2π/extent`, for coordinates that a model normalises to −1...1 over `extent` patches and measures in turns
  /// (DINOv3): the coordinate of patch `p` is `(2p + 1)/extent − 1`, and its position here the integer
  /// `2p + 1 − extent`, negative before the middle.
  case normalized(extent: Int)

  /// `f_i/s · r_i + f_i · (1 − r_i)`, where the ramp `r_i` climbs from 0 to 1 between the pairs that turn `betaFast`
  /// and `betaSlow` times over the original length.
  public struct YaRN: Sendable, Equatable {
    /// The extension `s` of the original length.
    public var factor: Double
    public var originalMaxPositionEmbeddings: Int
    /// Turns over the original length from which on a frequency is left as it is.
    public var betaFast = 32.0
    /// Turns over the original length up to which a frequency is divided by the factor.
    public var betaSlow = 1.0
    /// Whether the ends of the ramp are rounded outwards to whole pairs.
    public var truncate = true
    /// Where both are given and not 0, the attention factor is `g(mscale)/g(mscaleAllDim)`.
    public var mscale: Double?
    public var mscaleAllDim: Double?

    /// Parameters of which the class defaults are left out.
    public init(factor: Double, originalMaxPositionEmbeddings: Int) {
      self.factor = factor
      self.originalMaxPositionEmbeddings = originalMaxPositionEmbeddings
    }
  }

  /// Wavelengths above `original/lowFreqFactor` are divided by the factor, those below `original/highFreqFactor` are
  /// left, and those between are interpolated.
  public struct Llama3: Sendable, Equatable {
    public var factor: Double
    /// Turns over the original length below which a frequency is divided by the factor.
    public var lowFreqFactor: Double
    /// Turns over the original length above which a frequency is left as it is.
    public var highFreqFactor: Double
    public var originalMaxPositionEmbeddings: Int

    /// All parameters.
    public init(
      factor: Double, lowFreqFactor: Double, highFreqFactor: Double, originalMaxPositionEmbeddings: Int
    ) {
      self.factor = factor
      self.lowFreqFactor = lowFreqFactor
      self.highFreqFactor = highFreqFactor
      self.originalMaxPositionEmbeddings = originalMaxPositionEmbeddings
    }
  }

  /// `f_i / longFactor[i]` for all positions of a call that is longer than the original length, and
  /// `f_i / shortFactor[i]` for all positions of any other.
  public struct LongRoPE: Sendable, Equatable {
    /// Divisors of calls up to the original length, one for each pair.
    public var shortFactor: [Double]
    /// Divisors of longer calls, one for each pair.
    public var longFactor: [Double]
    public var originalMaxPositionEmbeddings: Int
    /// The extension `S` of the attention factor `√(1 + ln S / ln original)`: `factor`, or the quotient of
    /// `max_position_embeddings` and the original length.
    public var factor: Double

    /// All parameters.
    public init(
      shortFactor: [Double], longFactor: [Double], originalMaxPositionEmbeddings: Int, factor: Double
    ) {
      self.shortFactor = shortFactor
      self.longFactor = longFactor
      self.originalMaxPositionEmbeddings = originalMaxPositionEmbeddings
      self.factor = factor
    }
  }
}
