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

  public init(from decoder: any Decoder) throws {
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

  public func encode(to encoder: any Encoder) throws {
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
