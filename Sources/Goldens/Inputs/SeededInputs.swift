import Reference
import RoPE

/// The values of Q and K of a case, each from the case's seed and the workload's pattern alone.
struct SeededInputs: Sendable {
  private let plan: Plan
  private let workload: Workload
  private let type: ElementType
  private let hash: InputHash
  /// The cosines and sines of each token, for the pattern `cancellation`.
  private let turns: CosSinTable?

  init(of goldenCase: Case, plan: Plan, positions: Positions) {
    self.plan = plan
    workload = goldenCase.workload
    type = goldenCase.elementType
    hash = InputHash(seed: goldenCase.seed)
    turns =
      workload.pattern == .cancellation ? ExactTables(plan).cosSin(positions: positions, type: .float32) : nil
  }

  /// Some tokens of a tensor, `[tokens, heads, D]`.
  func rows(_ tensor: TensorName, _ tokens: Range<Int>) -> ElementArray {
    let heads = workload.heads(of: tensor), size = plan.headDimension * type.byteCount
    var elements = ElementArray(type: type, count: tokens.count * heads * plan.headDimension)
    elements.bytes.withUnsafeMutableBytes { bytes in
      for (index, token) in tokens.enumerated() {
        for head in 0..<heads {
          let row = index * heads + head
          write(
            RowIndex(tensor: tensor, token: token, head: head),
            into: UnsafeMutableRawBufferPointer(rebasing: bytes[row * size..<(row + 1) * size]))
        }
      }
    }
    return elements
  }

  /// Writes the `D` elements of a row.
  func write(_ row: RowIndex, into elements: UnsafeMutableRawBufferPointer) {
    let heads = workload.heads(of: row.tensor)
    var first = workload.strides(of: row.tensor, headDimension: plan.headDimension)
      .index(token: row.token, head: row.head, sequence: workload.sequence(of: row.tensor))
    if workload.pattern == .equalRows { first %= workload.sequence(of: row.tensor) * heads * plan.headDimension }
    first += InputHash.offset(of: row.tensor)
    switch workload.pattern {
    case .spread, .equalRows: hash.fill(elements, from: first, type: type)
    case .cancellation:
      hash.fill(elements, from: first, type: type)
      cancel(elements, token: row.token)
    case .subnormal, .nonFinite:
      for channel in 0..<plan.headDimension {
        elements.setBits(unusual(at: first + channel), at: channel, type: type)
      }
    }
  }

  /// A value of the pattern `subnormal`, or of `nonFinite`, where one in eight is an infinity or NaN.
  private func unusual(at index: Int) -> UInt32 {
    let hash = hash[index]
    let spread = self.hash.element(at: index, type: type)
    let sign = spread & (1 << UInt32(8 * type.byteCount - 1))
    let unit = UInt32(1) << UInt32(type.significandBitCount)
    let significand = spread & (unit - 1)
    guard workload.pattern == .nonFinite else {
      // The exponent field is 0 (twice as often), 1 or 2.
      return sign | UInt32(max(Int((hash >> 40) & 3) - 1, 0)) * unit | significand
    }
    guard (hash >> 40) & 7 == 0 else { return spread }
    let infinity = type.bits(rounding: .infinity)
    // A quiet NaN with a payload, whose bits a copied channel must keep.
    return (hash >> 43) & 1 == 0 ? sign | infinity : sign | infinity | (unit >> 1) | significand
  }

  /// Replaces one element of each pair so that one output of the pair nearly vanishes.
  private func cancel(_ elements: UnsafeMutableRawBufferPointer, token: Int) {
    guard let turns else { return }
    for (index, pair) in plan.pairs.enumerated() {
      let value = type.value(ofBits: UnsafeRawBufferPointer(elements).bits(at: pair.input.first, type: type))
      let cosine = ElementType.float32.value(ofBits: turns.cosines[token * turns.pairCount + index])
      let sine = ElementType.float32.value(ofBits: turns.sines[token * turns.pairCount + index])
      // Dividing the smaller by the larger keeps the second element in range.
      let partner = cosine.magnitude <= sine.magnitude ? value * cosine / sine : -value * sine / cosine
      elements.setBits(type.bits(rounding: partner), at: pair.input.second, type: type)
    }
  }
}
