/// The frequency of one pair in radians per position: an entry of a table that is a formula in real arithmetic.
package struct Frequency: Sendable, Equatable {
  /// The table.
  package let table: FrequencyTable
  /// The index `i` of the entry, from 0.
  package let index: Int

  package init(table: FrequencyTable, index: Int) {
    self.table = table
    self.index = index
  }
}

/// Frequencies `f_i`, as a formula in real arithmetic.
///
/// `f_i = base^(−2i/dimension)` before its adjustment (Su et al. 2021, RoFormer, section 3.2.2), where `dimension` is
/// the rotary dimension, or the dimension of one axis if each axis has its own table.
package struct FrequencyTable: Sendable, Equatable {
  /// A change to `base^(−2i/dimension)`: a ``FrequencyScaling`` resolved for the length of a call.
  package enum Adjustment: Sendable, Equatable {
    case none
    /// `f_i / factor`.
    case divided(by: Double)
    /// `f_i / factors[i]`.
    case dividedEach(by: [Double])
    /// The base is `base · alpha^(dimension/(dimension−2))`.
    case ntk(alpha: Double)
    /// The base is `base · (factor · length/maximum − (factor − 1))^(dimension/(dimension−2))`.
    case dynamic(factor: Double, length: Int, maximum: Int)
    case yarn(FrequencyScaling.YaRN)
    case llama3(FrequencyScaling.Llama3)
    /// `f_i / factor` for `i < rotating`, 0 for the others.
    case proportional(rotating: Int, factor: Double)
    /// `f_i · 2π/extent`.
    case normalized(extent: Int)
    /// `f_i = values[i]`, whatever the base.
    case values([Double])
  }

  /// The base θ.
  package let base: Double
  /// The denominator of the exponent.
  package let dimension: Int
  /// The change to `base^(−2i/dimension)`.
  package let adjustment: Adjustment
}

/// The multiplier `A` on cosine and sine, as a formula in real arithmetic.
package enum AttentionFactor: Sendable, Equatable {
  case value(Double)
  /// `g(mscale)`, or `g(mscale)/g(mscaleAllDim)` if that is given, with `g(m) = 0.1·m·ln(factor) + 1`, and `g(m) = 1`
  /// for a factor of at most 1 (YaRN).
  case mscale(Double, factor: Double, mscaleAllDim: Double?)
  /// `√(1 + ln(factor)/ln(original))`, and 1 for a factor of at most 1 (LongRoPE).
  case longrope(factor: Double, originalMaxPositionEmbeddings: Int)

  /// True if the factor is 1, so that nothing is multiplied.
  package var isOne: Bool {
    switch self {
    case .value(let value): value == 1
    case .mscale(let mscale, let factor, let mscaleAllDim): factor <= 1 || mscale == mscaleAllDim
    case .longrope(let factor, _): factor <= 1
    }
  }
}

extension FrequencyScaling {
  /// The adjustment of a table for a call of `length`, which is the largest position plus one.
  func adjustment(length: Int, headDimension: Int) -> FrequencyTable.Adjustment {
    switch self {
    case .none: .none
    case .linear(let factor): .divided(by: factor)
    case .ntk(let alpha): .ntk(alpha: alpha)
    case .dynamic(let factor, let maximum):
      length <= maximum ? .none : .dynamic(factor: factor, length: length, maximum: maximum)
    case .yarn(let yarn): .yarn(yarn)
    case .llama3(let llama3): .llama3(llama3)
    case .longrope(let longrope):
      .dividedEach(
        by: length > longrope.originalMaxPositionEmbeddings ? longrope.longFactor : longrope.shortFactor)
    case .proportional(let share, let factor):
      // transformers 5.23.0: int(share · head dimension // 2), a float64 product.
      .proportional(rotating: Int((share * Double(headDimension) / 2).rounded(.down)), factor: factor)
    case .normalized(let extent): .normalized(extent: extent)
    }
  }

  /// The attention factor that the scaling implies if none is given.
  package var attentionFactor: AttentionFactor {
    switch self {
    case .yarn(let yarn):
      if let mscale = yarn.mscale, let all = yarn.mscaleAllDim, mscale != 0, all != 0 {
        .mscale(mscale, factor: yarn.factor, mscaleAllDim: all)
      } else {
        .mscale(1, factor: yarn.factor, mscaleAllDim: nil)
      }
    case .longrope(let longrope):
      .longrope(
        factor: longrope.factor, originalMaxPositionEmbeddings: longrope.originalMaxPositionEmbeddings)
    default: .value(1)
    }
  }
}
