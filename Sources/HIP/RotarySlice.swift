import RoPE

/// The reason why the kernel cannot take a call.
struct Unsupported: Error, Equatable {
  let reason: String
}

/// A plan's pairs as the kernel takes them: one slice of channels, paired in one way each in input and output.
struct RotarySlice: Equatable {
  /// The first channel that rotates.
  let offset: Int
  /// Channels that rotate, `R`; 0 without RoPE.
  let dimension: Int
  let inputPairing: Pairing
  let outputPairing: Pairing

  /// Finds the slice that has exactly these pairs in this order.
  ///
  /// - Throws: ``Unsupported`` naming the first pair that lies otherwise.
  init(pairs: [Plan.Pair]) throws(Unsupported) {
    let offset = pairs.first?.input.first ?? 0
    inputPairing = try Self.pairing(of: pairs, from: offset, "reads", \.input)
    outputPairing = try Self.pairing(of: pairs, from: offset, "writes", \.output)
    for (index, pair) in pairs.enumerated() where pair.axis != 0 {
      throw Unsupported(reason: "pair \(index) turns with position axis \(pair.axis): a token has one position")
    }
    self.offset = offset
    dimension = 2 * pairs.count
  }

  private static func pairing(
    of pairs: [Plan.Pair], from offset: Int, _ verb: String, _ channels: (Plan.Pair) -> Plan.Channels
  ) throws(Unsupported) -> Pairing {
    guard let first = pairs.first.map(channels) else { return .half }
    // A single pair is both.
    let pairing = first.second == first.first + pairs.count ? Pairing.half : .interleaved
    for (index, pair) in pairs.enumerated() {
      let (found, expected) = (channels(pair), pairing.channels(ofPair: index, of: pairs.count, from: offset))
      guard found == expected else {
        throw Unsupported(
          reason: "pair \(index) \(verb) channels \(found.first) and \(found.second), \(pairing) pairing from channel "
            + "\(offset) has \(expected.first) and \(expected.second)")
      }
    }
    return pairing
  }
}
