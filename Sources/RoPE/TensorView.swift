/// The place of a tensor in memory: a buffer of the call, the element at which it begins, and its strides.
public struct TensorView: Sendable, Equatable {
  /// Index into the buffers that accompany the call.
  public package(set) var buffer: Int
  /// Elements from the beginning of the buffer to the tensor's first.
  public package(set) var offset: Int
  /// Elements from one index to the next along each axis.
  public package(set) var strides: Strides

  /// A view into a buffer.
  package init(buffer: Int, offset: Int = 0, strides: Strides) {
    self.buffer = buffer
    self.offset = offset
    self.strides = strides
  }

  /// The alignment of every buffer of a call in bytes; no device asks for more.
  public static let bufferAlignment = 256

  /// The alignment of the first element: the largest power of two that surely divides its address.
  ///
  /// - Parameter elementType: The type of the elements.
  /// - Returns: The alignment in bytes.
  public func alignment(elementType: ElementType) -> Int {
    offset == 0
      ? Self.bufferAlignment
      : min(Self.bufferAlignment, 1 << (offset * elementType.byteCount).trailingZeroBitCount)
  }

  /// The index, in elements of the buffer, of the first channel of a head of a token.
  ///
  /// - Parameters:
  ///   - token: The token, counted over all rows of the batch.
  ///   - head: The head of the token.
  ///   - sequence: Tokens per row of the batch.
  /// - Returns: The index of channel 0; channel `c` follows `c · strides.channel` elements later.
  public func index(token: Int, head: Int, sequence: Int) -> Int {
    offset + strides.index(token: token, head: head, sequence: sequence)
  }
}

/// Elements from one index to the next along each axis of a tensor.
public struct Strides: Sendable, Equatable, Codable {
  /// Step from one row of the batch to the next.
  public package(set) var batch: Int
  /// Step from one token of a row to the next.
  public package(set) var sequence: Int
  /// Step from one head of a token to the next.
  public package(set) var head: Int
  /// Step from one channel of a head to the next.
  public package(set) var channel: Int

  /// The steps along each axis.
  package init(batch: Int, sequence: Int, head: Int, channel: Int = 1) {
    self.batch = batch
    self.sequence = sequence
    self.head = head
    self.channel = channel
  }

  /// The strides of a contiguous tensor in a layout.
  package init(_ layout: Layout, sequence: Int, heads: Int, headDimension: Int) {
    switch layout {
    case .bshd, .thd:
      self.init(batch: sequence * heads * headDimension, sequence: heads * headDimension, head: headDimension)
    case .bhsd:
      self.init(batch: sequence * heads * headDimension, sequence: headDimension, head: sequence * headDimension)
    }
  }

  /// Elements from the first of the tensor to the first channel of a head of a token.
  ///
  /// `token` is counted over all rows of the batch, each of `sequence` tokens.
  package func index(token: Int, head: Int, sequence: Int) -> Int {
    token / sequence * batch + token % sequence * self.sequence + head * self.head
  }
}
