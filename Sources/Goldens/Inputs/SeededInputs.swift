import RoPE

/// The values of Q and K of a case, each from the case's seed and the workload's pattern alone.
struct SeededInputs: Sendable {
  private let plan: Plan
  private let workload: Workload
  private let type: ElementType
  private let hash: InputHash
  private let rotations: PerTensor<RotationPool>
  /// The channels that are copied.
  private let copied: [Int]

  /// `rotations` are those of the call, by which some patterns choose their values.
  init(of goldenCase: Case, rotations: PerTensor<RotationPool>) {
    plan = rotations.query.plan
    workload = goldenCase.workload
    type = goldenCase.elementType
    hash = InputHash(seed: goldenCase.seed)
    self.rotations = rotations
    copied = goldenCase.workload.pattern == .specialCopies ? plan.passThroughChannels : []
  }

  /// Some tokens of a tensor, `[tokens, heads, D]`.
  func rows(_ tensor: TensorName, _ tokens: Range<Int>) -> ElementArray {
    let heads = workload.heads(of: tensor), size = plan.headDimension * type.byteCount
    var elements = ElementArray(type: type, count: tokens.count * heads * plan.headDimension)
    elements.bytes.withUnsafeMutableBytes { bytes in
      for (index, token) in tokens.enumerated() {
        let turns = turns(tensor, token: token)
        for head in 0..<heads {
          let row = index * heads + head
          write(
            RowIndex(tensor: tensor, token: token, head: head), turns,
            into: UnsafeMutableRawBufferPointer(rebasing: bytes[row * size..<(row + 1) * size]))
        }
      }
    }
    return elements
  }

  /// Writes the `D` elements of a row.
  func write(_ row: RowIndex, into elements: UnsafeMutableRawBufferPointer) {
    write(row, turns(row.tensor, token: row.token), into: elements)
  }

  /// Cosine and sine of each pair of a token; none if the pattern does not need them.
  private func turns(_ tensor: TensorName, token: Int) -> [SIMD2<Double>] {
    switch workload.pattern {
    case .cancellation, .overflowEdge, .overflowingProducts: rotations[tensor].turns(token: token)
    case .spread, .subnormal, .nonFinite, .equalRows, .largest, .specialCopies: []
    }
  }

  private func write(_ row: RowIndex, _ turns: [SIMD2<Double>], into elements: UnsafeMutableRawBufferPointer) {
    let heads = workload.heads(of: row.tensor)
    var first = workload.strides(of: row.tensor, headDimension: plan.headDimension)
      .index(token: row.token, head: row.head, sequence: workload.sequence(of: row.tensor))
    if workload.pattern == .equalRows { first %= workload.sequence(of: row.tensor) * heads * plan.headDimension }
    first += InputHash.offset(of: row.tensor)
    switch workload.pattern {
    case .spread, .equalRows, .cancellation, .overflowEdge, .specialCopies:
      hash.fill(elements, from: first, type: type)
    case .subnormal, .nonFinite, .largest, .overflowingProducts:
      for channel in 0..<plan.headDimension {
        elements.setBits(unusual(at: first + channel), at: channel, type: type)
      }
    }
    switch workload.pattern {
    case .cancellation, .overflowingProducts: cancel(elements, turns)
    case .overflowEdge: approachOverflow(elements, turns, from: first)
    default: break
    }
    for channel in copied {
      elements.setBits(special(at: first + channel), at: channel, type: type)
    }
  }
}

// Values of single elements.
extension SeededInputs {
  private var signBit: UInt32 { 1 << UInt32(8 * type.byteCount - 1) }
  /// The lowest bit of the exponent field.
  private var unit: UInt32 { 1 << UInt32(type.significandBitCount) }
  private var infinity: UInt32 { type.bits(rounding: .infinity) }

  /// A value of a pattern whose elements do not depend on each other.
  private func unusual(at index: Int) -> UInt32 {
    let hash = hash[index]
    let spread = self.hash.element(at: index, type: type)
    let sign = spread & signBit, significand = spread & (unit - 1)
    // Four bits that neither the sign, nor the exponent, nor a float32's significand use.
    let choice = UInt32(truncatingIfNeeded: hash >> 40) & 15
    switch workload.pattern {
    case .overflowingProducts:
      // The highest exponent.
      return sign | infinity - unit | significand
    case .largest:
      // The highest eight exponents.
      return sign | infinity - (1 + choice & 7) * unit | significand
    case .nonFinite:
      guard choice & 7 == 0 else { return spread }
      // A quiet NaN with a payload, whose bits a copied channel must keep.
      return choice == 0 ? sign | infinity : sign | infinity | (unit >> 1) | significand
    default:
      // The exponent field is 0 (twice as often), 1 or 2.
      return sign | UInt32(max(Int(choice & 3) - 1, 0)) * unit | significand
    }
  }

  /// A value that only a copy keeps: a signalling or quiet NaN, an infinity, a zero, a subnormal number.
  private func special(at index: Int) -> UInt32 {
    let spread = hash.element(at: index, type: type), sign = spread & signBit, significand = spread & (unit - 1)
    switch UInt32(truncatingIfNeeded: hash[index] >> 40) & 7 {
    // Positive, unlike the NaN that marks an element as not written.
    case 0, 1: return infinity | (significand & (unit / 2 - 1)) | 1
    case 2: return sign | infinity | (unit >> 1) | significand
    case 3: return sign | infinity
    case 4, 5: return sign
    default: return sign | significand
    }
  }
}

// Values of pairs, chosen by the angle that the pair turns by.
extension SeededInputs {
  /// Replaces one element of each pair so that one output of the pair nearly vanishes.
  private func cancel(_ elements: UnsafeMutableRawBufferPointer, _ turns: [SIMD2<Double>]) {
    for (turn, pair) in zip(turns, plan.pairs) {
      let value = type.value(ofBits: UnsafeRawBufferPointer(elements).bits(at: pair.input.first, type: type))
      let cosine = turn[0], sine = turn[1]
      // Dividing the smaller by the larger keeps the second element in range.
      let partner = cosine.magnitude <= sine.magnitude ? value * cosine / sine : -value * sine / cosine
      elements.setBits(type.bits(rounding: partner), at: pair.input.second, type: type)
    }
  }

  /// Turns each pair back from a result whose first element lies near the value from which rounding gives infinity.
  private func approachOverflow(
    _ elements: UnsafeMutableRawBufferPointer, _ turns: [SIMD2<Double>], from first: Int
  ) {
    let largest = type.value(ofBits: infinity - 1)
    // Half an ulp above the largest value.
    let edge = largest + type.ulp(of: largest) / 2
    for (turn, pair) in zip(turns, plan.pairs) {
      let hash = hash[first + pair.input.first], sign = hash >> 63 == 0 ? 1.0 : -1
      let steps = Double(Int(hash >> 40 & 7) - 4)
      let wanted = SIMD2(
        sign * (edge + steps * type.ulp(of: largest) / 4),
        type.value(ofBits: UnsafeRawBufferPointer(elements).bits(at: pair.input.second, type: type)))
      let square = (turn * turn).sum()
      let x0 = (wanted[0] * turn[0] + wanted[1] * turn[1]) / square
      let x1 = (wanted[1] * turn[0] - wanted[0] * turn[1]) / square
      for (channel, value) in [(pair.input.first, x0), (pair.input.second, x1)] {
        let finite = max(-largest, min(largest, value))
        elements.setBits(type.bits(rounding: finite), at: channel, type: type)
      }
    }
  }
}
