import Foundation
import RoPE

/// Cosine and sine of one pair times the attention factor, in any precision; float32 values are held exactly.
struct Factors {
  let cosine: Double
  let sine: Double

  /// Takes an angle in float32, libm in float32, and a multiplication in float32.
  init(float32 angle: Float, attentionFactor: Double) {
    let factor = Float(attentionFactor)
    cosine = Double(cosf(angle) * factor)
    sine = Double(sinf(angle) * factor)
  }

  /// Takes an angle in float64, libm in float64, and a multiplication in float64.
  init(float64 angle: Double, attentionFactor: Double) {
    cosine = cos(angle) * attentionFactor
    sine = sin(angle) * attentionFactor
  }

  init(cosine: Double, sine: Double) {
    self.cosine = cosine
    self.sine = sine
  }

  /// Both factors, rounded to the type in which they are stored.
  func rounded(to type: ElementType) -> Factors {
    Factors(cosine: type.rounded(cosine), sine: type.rounded(sine))
  }
}

extension ElementType {
  /// The value of this type nearest to a number.
  func rounded(_ value: Double) -> Double { self.value(ofBits: bits(rounding: value)) }
}

/// The way in which an implementation gets its cosines and sines.
struct AngleRule: Sendable {
  /// One token's pairs, in order: their entries of the frequency table and their positions.
  typealias Entries = [(frequency: Frequency, position: Double)]

  /// Computes the factors from the plan alone.
  let fromPlan: @Sendable (_ entries: Entries, _ attentionFactor: Double) -> [Factors]
  /// Computes the factors from a position and a float32 frequency that are given.
  var fromFrequency: @Sendable (_ frequency: Float, _ position: Double, _ attentionFactor: Double) -> Factors = {
    Factors(float32: Float($1) * $0, attentionFactor: $2)
  }

  /// True if positions can have a fraction.
  var takesFractions = true

  /// The factors of every pair of a token.
  func factors(_ plan: Plan, _ angles: Angles, token: Int) -> [Factors] {
    switch angles {
    case .none: return []
    case .table(let table, let rows):
      let first = Int(rows[token]) * table.pairCount
      return plan.pairs.indices.map { pair in
        Factors(
          cosine: table.type.value(ofBits: table.cosines[first + pair]),
          sine: table.type.value(ofBits: table.sines[first + pair]))
      }
    case .frequencies(let frequencies, let attentionFactor, let positions):
      return zip(plan.pairs, frequencies).map { fromFrequency($1, positions[$0.axis, token], attentionFactor) }
    case .positions(let positions):
      guard plan.isComputedByKnownGood, case .value(let attentionFactor) = plan.attentionFactor else {
        preconditionFailure("a plan of other frequencies than base^(-2i/R)")
      }
      return fromPlan(plan.pairs.map { ($0.frequency, positions[$0.axis, token]) }, attentionFactor)
    }
  }
}

extension AngleRule {
  /// A frequency for each pair in float32, its product with the position in float32, and float32 cosines and sines.
  static func float32(_ frequency: @escaping @Sendable (FrequencyTable, _ index: Int) -> Float) -> AngleRule {
    AngleRule { entries, attentionFactor in
      entries.map { entry in
        Factors(
          float32: Float(entry.position) * frequency(entry.frequency.table, entry.frequency.index),
          attentionFactor: attentionFactor)
      }
    }
  }

  /// `1/base^(2i/R)` with every operation in float32 (transformers).
  static let float32Power = float32 { table, index in
    1 / powf(Float(table.base), Float(2 * index) / Float(table.dimension))
  }

  /// `exp(−(2i/R)·ln base)` with every operation in float32.
  static let float32Exponential = float32 { table, index in
    expf(-(Float(2 * index) / Float(table.dimension)) * logf(Float(table.base)))
  }

  /// The power in float64, rounded to float32 before it is multiplied.
  static let float64Frequencies = float32 { Float($0.inDouble(ofEntry: $1)) }

  /// The position, multiplied by one factor after another (ggml).
  static let runningProduct = AngleRule { entries, attentionFactor in
    entries.map { entry in
      let table = entry.frequency.table
      let step = powf(Float(table.base), -2 / Float(table.dimension))
      var angle = Float(entry.position)
      for _ in 0..<entry.frequency.index { angle *= step }
      return Factors(float32: angle, attentionFactor: attentionFactor)
    }
  }

  /// Power, angle, cosine and sine in float64.
  static let float64 = AngleRule(
    fromPlan: { entries, attentionFactor in
      entries.map { entry in
        Factors(
          float64: entry.position * entry.frequency.table.inDouble(ofEntry: entry.frequency.index),
          attentionFactor: attentionFactor)
      }
    },
    fromFrequency: { Factors(float64: Double(Float($1) * $0), attentionFactor: $2) })

  /// Like ``float64``, but a given frequency is multiplied in float64 too, which the contract does not say.
  static let float64Product = AngleRule(
    fromPlan: float64.fromPlan, fromFrequency: { Factors(float64: $1 * Double($0), attentionFactor: $2) })

  /// The float64 angle, reduced to ±π or to [0, 2π) and rounded to float32, whose cosine and sine are float32's.
  static func reduced(isSigned: Bool) -> AngleRule {
    @Sendable func factors(_ angle: Double, _ attentionFactor: Double) -> Factors {
      let signed = remainder(angle, 2 * .pi)
      let reduced = isSigned || signed >= 0 ? signed : signed + 2 * .pi
      return Factors(float32: Float(reduced), attentionFactor: attentionFactor)
    }
    return AngleRule(
      fromPlan: { entries, attentionFactor in
        entries.map { entry in
          factors(
            entry.position * entry.frequency.table.inDouble(ofEntry: entry.frequency.index), attentionFactor)
        }
      },
      fromFrequency: { factors(Double(Float($1) * $0), $2) })
  }

  /// A table made in float64 and stored in float32.
  static let float32Table = AngleRule(
    fromPlan: { entries, factor in float64.fromPlan(entries, factor).map { $0.rounded(to: .float32) } },
    fromFrequency: { float64.fromFrequency($0, $1, $2).rounded(to: .float32) })

  /// The angle in units of 2⁻⁶⁴ turns, which wraps at whole turns; cosine and sine are stored in float32.
  static let phaseAccumulator = AngleRule(
    fromPlan: { entries, attentionFactor in
      entries.map { entry in
        let turns = entry.frequency.table.inDouble(ofEntry: entry.frequency.index) / (2 * .pi)
        let step = UInt64(turns.truncatingRemainder(dividingBy: 1) * 0x1p64)
        let phase = Int64(bitPattern: step &* UInt64(bitPattern: Int64(entry.position)))
        return Factors(float64: Double(phase) * (2 * .pi * 0x1p-64), attentionFactor: attentionFactor)
          .rounded(to: .float32)
      }
    }, takesFractions: false)
}

extension FrequencyTable {
  /// `base^(−2i/R)` in float64.
  fileprivate func inDouble(ofEntry index: Int) -> Double { pow(base, -2 * Double(index) / Double(dimension)) }
}
