/// The position axis that drives each pair, and the frequency at which the pair turns.
///
/// There are `n = R/2` pairs, and `f_i` is the table of the rotary dimension unless noted otherwise. Axes are numbered
/// as in the model's position ids.
package enum PositionAxes: Sendable, Equatable {
  /// One position per token: pair `j` turns by `f_j`.
  case single
  /// One table; axes 0, 1 and so on drive consecutive runs of pairs of these lengths, which sum to `n` (M-RoPE:
  /// Qwen2-VL, GLM-4.1V).
  case sections([Int])
  /// One table; pair `j` is driven by axis 1 if `j % 3 == 1` and `j < 3 · sections[1]`, by axis 2 if `j % 3 == 2` and
  /// `j < 3 · sections[2]`, else by axis 0 (Qwen3-VL).
  case interleavedSections([Int])
  /// One table; among the first `sections[1] + sections[2]` pairs, axis 1 drives the even ones and axis 2 the odd ones;
  /// axis 0 drives the rest (ERNIE-4.5-VL).
  case alternatingSections([Int])
  /// One table; axis 0 drives the first `n/2` pairs with its even entries, axis 1 the rest with its odd ones (Pixtral).
  case evenOdd
  /// A table for each axis, of these dimensions, which sum to `R`; the pairs of an axis are consecutive (Qwen2-VL
  /// vision, Flux, Wan).
  case blocks([Int])
  /// As `blocks`, but each axis pairs channels within its own slice of the head (Gemma-4 vision, ChatGLM-6B).
  case slices([Int])
  /// A table of dimension `R/2` for each of two axes; entry `i` belongs to pair `2i` on axis 1 and to pair `2i + 1` on
  /// axis 0 (Kimi-K2.5 vision).
  case alternating

  /// Coordinates in a token's position.
  package var count: Int {
    switch self {
    case .single: 1
    case .sections(let lengths), .interleavedSections(let lengths), .alternatingSections(let lengths),
      .blocks(let lengths), .slices(let lengths):
      lengths.count
    case .evenOdd, .alternating: 2
    }
  }
}

/// The axis of one pair, and the table and entry of its frequency.
struct PairAxis {
  let axis: Int
  /// The denominator of the exponent.
  let dimension: Int
  let index: Int
}

extension PositionAxes {
  /// The axis and the table entry of each pair; valid axes give `count` of them.
  func pairs(count: Int) -> [PairAxis] {
    func oneTable(_ axis: (Int) -> Int) -> [PairAxis] {
      (0..<count).map { PairAxis(axis: axis($0), dimension: 2 * count, index: $0) }
    }
    switch self {
    case .single: return oneTable { _ in 0 }
    case .sections(let lengths):
      let axes = lengths.enumerated().flatMap { Array(repeating: $0.offset, count: $0.element) }
      return oneTable { axes[$0] }
    case .interleavedSections(let lengths):
      return oneTable { $0 % 3 != 0 && $0 < 3 * lengths[$0 % 3] ? $0 % 3 : 0 }
    case .alternatingSections(let lengths):
      return oneTable { $0 < lengths[1] + lengths[2] ? 1 + $0 % 2 : 0 }
    case .evenOdd:
      return (0..<count).map { pair in
        let axis = pair < count / 2 ? 0 : 1
        return PairAxis(axis: axis, dimension: 2 * count, index: 2 * (pair - axis * (count / 2)) + axis)
      }
    case .blocks(let dimensions), .slices(let dimensions):
      return dimensions.enumerated().flatMap { axis, dimension in
        (0..<dimension / 2).map { PairAxis(axis: axis, dimension: dimension, index: $0) }
      }
    case .alternating:
      return (0..<count).map { PairAxis(axis: 1 - $0 % 2, dimension: count, index: $0 / 2) }
    }
  }
}

extension PositionAxes: Codable {
  private enum CodingKeys: String, CodingKey {
    case kind, lengths
  }

  private enum Kind: String, Codable {
    case single, sections, blocks, slices, alternating
    case interleavedSections = "interleaved_sections"
    case alternatingSections = "alternating_sections"
    case evenOdd = "even_odd"
  }

  package init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    func lengths() throws -> [Int] { try values.decode([Int].self, forKey: .lengths) }
    self =
      switch try values.decode(Kind.self, forKey: .kind) {
      case .single: .single
      case .sections: .sections(try lengths())
      case .interleavedSections: .interleavedSections(try lengths())
      case .alternatingSections: .alternatingSections(try lengths())
      case .evenOdd: .evenOdd
      case .blocks: .blocks(try lengths())
      case .slices: .slices(try lengths())
      case .alternating: .alternating
      }
  }

  package func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(kind, forKey: .kind)
    switch self {
    case .single, .evenOdd, .alternating: break
    case .sections(let lengths), .interleavedSections(let lengths), .alternatingSections(let lengths),
      .blocks(let lengths), .slices(let lengths):
      try values.encode(lengths, forKey: .lengths)
    }
  }

  private var kind: Kind {
    switch self {
    case .single: .single
    case .sections: .sections
    case .interleavedSections: .interleavedSections
    case .alternatingSections: .alternatingSections
    case .evenOdd: .evenOdd
    case .blocks: .blocks
    case .slices: .slices
    case .alternating: .alternating
    }
  }
}
