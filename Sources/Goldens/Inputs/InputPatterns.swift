import Reference
import RoPE

/// Fills Q or K with values of a workload's pattern.
struct InputPatterns {
  let plan: Plan
  let workload: Workload
  let type: ElementType
  let positions: [Int64]
  let hash: InputHash

  /// One tensor in the golden's order.
  ///
  /// - Parameter offset: what is added to an element's index before it is hashed.
  func tensor(heads: Int, offset: Int) -> ElementArray {
    let count = workload.tokenCount * heads * plan.headDimension
    var elements = ElementArray(type: type, count: count)
    let period = workload.pattern == .equalRows ? count / workload.batch : count
    for index in 0..<count { elements[index] = element(at: index % period + offset) }
    if workload.pattern == .cancellation { cancel(&elements, heads: heads) }
    return elements
  }

  private func element(at index: Int) -> UInt32 {
    let hash = hash[index]
    let spread = self.hash.element(at: index, type: type)
    let sign = spread & (1 << UInt32(8 * type.byteCount - 1))
    let unit = UInt32(1) << UInt32(type.significandBitCount)
    let significand = spread & (unit - 1)
    switch workload.pattern {
    case .spread, .cancellation, .equalRows:
      return spread
    case .subnormal:
      // Exponent fields 0 (twice as often) to 2.
      return sign | UInt32(max(Int((hash >> 40) & 3) - 1, 0)) * unit | significand
    case .nonFinite:
      guard (hash >> 40) & 7 == 0 else { return spread }
      let infinity = type.bits(rounding: .infinity)
      // A quiet NaN with a payload, whose bits a copied channel must keep.
      return (hash >> 43) & 1 == 0 ? sign | infinity : sign | infinity | (unit >> 1) | significand
    }
  }

  /// Replaces one element of each pair so that one of its outputs nearly vanishes.
  private func cancel(_ elements: inout ElementArray, heads: Int) {
    let table = ExactTables(plan).cosSin(positions: positions, type: .float32)
    let strides = workload.strides(heads: heads, headDimension: plan.headDimension)
    for token in 0..<workload.tokenCount {
      let row = token / workload.sequence * strides.batch + token % workload.sequence * strides.sequence
      for head in 0..<heads {
        for (index, pair) in plan.pairs.enumerated() {
          let first = row + head * strides.head + pair.input.first
          let second = row + head * strides.head + pair.input.second
          let value = type.value(ofBits: elements[first])
          let cosine = ElementType.float32.value(ofBits: table.cosines[token * table.pairCount + index])
          let sine = ElementType.float32.value(ofBits: table.sines[token * table.pairCount + index])
          // The quotient of the smaller by the larger keeps the second element in range.
          let partner = cosine.magnitude <= sine.magnitude ? value * cosine / sine : -value * sine / cosine
          elements[second] = type.bits(rounding: partner)
        }
      }
    }
  }
}
