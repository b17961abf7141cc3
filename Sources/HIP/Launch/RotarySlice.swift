public import RoPE

/// A plan's pairs where they are one slice of channels, paired in one way each in input and output: the kernel then
/// needs no list of channels and may work in groups of 16 bytes.
public struct RotarySlice: Equatable {
  /// The first channel that rotates.
  public let offset: Int
  /// Channels that rotate, `R`; 0 without RoPE.
  public let dimension: Int
  public let inputPairing: Pairing
  public let outputPairing: Pairing

  /// Finds the slice that has exactly these pairs in this order, or nil where there is none.
  public init?(pairs: [Plan.Pair]) {
    let offset = pairs.first?.input.first ?? 0
    guard let inputPairing = Self.pairing(of: pairs.map(\.input), from: offset),
      let outputPairing = Self.pairing(of: pairs.map(\.output), from: offset)
    else { return nil }
    self.offset = offset
    dimension = 2 * pairs.count
    self.inputPairing = inputPairing
    self.outputPairing = outputPairing
  }

  private static func pairing(of pairs: [Plan.Channels], from offset: Int) -> Pairing? {
    Pairing.allCases.first { pairing in
      pairs.indices.allSatisfy { pairs[$0] == pairing.channels(ofPair: $0, of: pairs.count, from: offset) }
    }
  }
}
