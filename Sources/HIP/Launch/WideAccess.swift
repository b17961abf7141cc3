import RoPE

extension RotatedTensor {
  /// Whether the kernel may take the tensor in groups of 16 bytes: its pairs are a slice, and every group of it and
  /// of the channels around it is contiguous and begins at a multiple of 16 bytes, in the input and in the output.
  ///
  /// A buffer begins at a multiple of 16, so that offsets and strides decide. In half pairing the second halves
  /// begin `R/2` channels after the first; in interleaved pairing one step takes two groups. Both need `R` to be a
  /// multiple of two groups.
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
