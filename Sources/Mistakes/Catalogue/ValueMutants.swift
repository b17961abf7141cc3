import Goldens
import RoPE

extension Mutant {
  static let values: [Mutant] = [
    Mutant(
      .values, "float16-overflow-saturated", [], "writes 65,504 where a float16 result overflows to infinity"
    ) {
      $0.type == .float16 && $0.saturate()
    },
    Mutant(
      .values, "bfloat16-overflow-saturated", [],
      "writes the largest finite number where a bfloat16 result overflows to infinity"
    ) {
      $0.type == .bfloat16 && $0.saturate()
    },
    Mutant(.values, "inputs-clamped-at-448", [], "clamps inputs to the range of float8, ±448") {
      $0.mapUnusualInputs { x, _ in min(max(x, -448), 448) }
    },
    Mutant(.values, "inputs-clamped-at-30", [], "clamps inputs to ±30") {
      $0.mapUnusualInputs { x, _ in min(max(x, -30), 30) }
    },
    Mutant(.values, "subnormal-inputs-flushed", [], "reads subnormal inputs as 0") {
      $0.mapUnusualInputs { x, type in type.isSubnormal(x) ? 0 : x }
    },
    Mutant(.values, "subnormal-results-flushed", [], "writes 0 for subnormal results") {
      $0.store = { value, type in
        let bits = type.bits(rounding: value)
        return type.isSubnormal(type.value(ofBits: bits)) ? 0 : bits
      }
      return !$0.plan.pairs.isEmpty
    },
    Mutant(.values, "subnormal-copies-flushed", [], "writes 0 for subnormal numbers in channels that do not rotate") {
      $0.mapUnusualCopies { bits, type in type.isSubnormal(type.value(ofBits: bits)) ? 0 : bits }
    },
    Mutant(.values, "minus-zero-copied-as-zero", [], "loses the sign of −0 in channels that do not rotate") {
      $0.mapUnusualCopies { bits, type in type.value(ofBits: bits) == 0 ? 0 : bits }
    },
    Mutant(.values, "copied-through-bfloat16", [], "rounds float32 channels that do not rotate to bfloat16") {
      $0.type == .float32
        && $0.mapCopies { bits, type in
          let value = type.value(ofBits: bits)
          return value.isNaN
            ? bits : type.bits(rounding: ElementType.bfloat16.value(ofBits: ElementType.bfloat16.bits(rounding: value)))
        }
    },
    // Where other channels rotate, a NaN may change its payload in those that are copied.
    Mutant(.values, "nan-payload-lost-without-rope", [], "replaces every NaN by one in a layer that has no RoPE") {
      $0.contract == .unrotated
        && $0.mapUnusualCopies { bits, type in type.value(ofBits: bits).isNaN ? type.bits(rounding: .nan) : bits }
    },
    Mutant(.values, "nan-quieted-without-rope", [], "makes signalling NaN quiet in a layer that has no RoPE") {
      $0.contract == .unrotated
        && $0.mapUnusualCopies { bits, type in
          type.value(ofBits: bits).isNaN ? bits | 1 << UInt32(type.significandBitCount - 1) : bits
        }
    },
  ]
}

extension ElementType {
  /// Indicates whether a value of this type is smaller than every normal one, and not 0.
  fileprivate func isSubnormal(_ value: Double) -> Bool {
    value != 0 && value.magnitude < Double(sign: .plus, exponent: minimumExponent, significand: 1)
  }
}

extension MutantComputation {
  /// Stores the largest finite number where a finite result overflows.
  fileprivate mutating func saturate() -> Bool {
    store = { value, type in
      let bits = type.bits(rounding: value)
      return value.isFinite && type.value(ofBits: bits).isInfinite ? bits - 1 : bits
    }
    isHarmless = hasOrdinaryInputs
    return !plan.pairs.isEmpty
  }

  /// Changes inputs that rotate, none of them ordinary.
  fileprivate mutating func mapUnusualInputs(_ change: @escaping @Sendable (Double, ElementType) -> Double) -> Bool {
    isHarmless = hasOrdinaryInputs
    return mapInputs(change)
  }

  /// Changes the bits of channels that do not rotate, none of them ordinary.
  fileprivate mutating func mapUnusualCopies(_ change: @escaping @Sendable (UInt32, ElementType) -> UInt32) -> Bool {
    isHarmless = hasOrdinaryInputs
    return mapCopies(change)
  }

  /// Changes the bits of channels that do not rotate.
  fileprivate mutating func mapCopies(_ change: @escaping @Sendable (UInt32, ElementType) -> UInt32) -> Bool {
    let channels = runningPlan.passThroughChannels, type = type
    adjustment = { row, _ in
      for channel in channels {
        let bits = row.bits[channel], changed = change(bits, type)
        if changed != bits { row.set(channel, toBits: changed, type) }
      }
    }
    return !channels.isEmpty
  }
}
