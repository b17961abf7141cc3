import RoPE

/// A plan's pairs if they form one slice of channels, with one pairing in the input and one in the output.
///
/// The kernel then needs no list of channels and may work in groups of 16 bytes.
package struct RotarySlice: Equatable {
  /// The first channel that rotates.
  package let offset: Int
  /// The number of channels that rotate, `R`; 0 without RoPE.
  package let dimension: Int
  package let inputPairing: Pairing
  package let outputPairing: Pairing

  /// Finds the slice that has exactly these pairs in this order; nil if there is none.
  package init?(pairs: [Plan.Pair]) {
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

extension RotatedTensor {
  /// Returns true if the kernel may take the tensor in groups of 16 bytes: its pairs are a slice, and in input and
  /// output every group of it and of the channels around it is contiguous and begins at a multiple of 16 bytes.
  ///
  /// A buffer begins at a multiple of 16, so only offsets and strides matter. In half pairing the second halves begin
  /// `R/2` channels after the first; in interleaved pairing one step takes two groups. Both need `R` to be a multiple
  /// of two groups.
  func isWide(slice: RotarySlice?, headDimension: Int, elementType: ElementType) -> Bool {
    guard let slice else { return false }
    let group = 16 / elementType.byteCount
    return slice.dimension.isMultiple(of: 2 * group)
      && [slice.offset, headDimension].allSatisfy { $0.isMultiple(of: group) }
      && [input, output].allSatisfy { $0.isWide(group: group) }
  }
}

extension TensorView {
  fileprivate func isWide(group: Int) -> Bool {
    strides.channel == 1
      && [offset, strides.batch, strides.sequence, strides.head].allSatisfy { $0.isMultiple(of: group) }
  }
}
