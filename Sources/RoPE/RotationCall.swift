/// One rotation of Q and K as a backend receives it: what to rotate, by which angles, and where it lies.
///
/// Q is `[batch, sequence, query heads, D]`, K `[batch, sequence, key heads, D]`. Packed sequences have
/// batch 1 and their tokens as the sequence. The memory layout is in the strides alone.
public struct RotationCall: Sendable {
  /// The convention in its normal form.
  public var plan: Plan
  /// The type of every element of Q and K.
  public var elementType: ElementType
  /// Rows of the batch.
  public var batch: Int
  /// Tokens per row.
  public var sequence: Int
  /// What the call is given for its angles, one entry per token in row-major order of `[batch, sequence]`.
  public var angles: Angles
  /// Q.
  public var query: RotatedTensor
  /// K.
  public var key: RotatedTensor

  /// A call with all its parts.
  public init(
    plan: Plan, elementType: ElementType, batch: Int, sequence: Int, angles: Angles, query: RotatedTensor,
    key: RotatedTensor
  ) {
    self.plan = plan
    self.elementType = elementType
    self.batch = batch
    self.sequence = sequence
    self.angles = angles
    self.query = query
    self.key = key
  }

  /// Tokens in all rows.
  public var tokenCount: Int { batch * sequence }
}

/// Q or K: its heads, where it is read and where its rotation is written.
public struct RotatedTensor: Sendable, Equatable {
  /// Heads per token.
  public var heads: Int
  /// What is read.
  public var input: TensorView
  /// What is written; equal to `input` for a rotation in place.
  public var output: TensorView

  /// A tensor of `heads` heads per token.
  public init(heads: Int, input: TensorView, output: TensorView) {
    self.heads = heads
    self.input = input
    self.output = output
  }
}

/// Where a tensor lies: a buffer of the call, the element at which it begins, and its strides.
public struct TensorView: Sendable, Equatable {
  /// Index into the buffers that accompany the call.
  public var buffer: Int
  /// Elements from the beginning of the buffer to the tensor's first.
  public var offset: Int
  /// Elements from one index to the next along each axis.
  public var strides: Strides

  /// A view into a buffer.
  public init(buffer: Int, offset: Int = 0, strides: Strides) {
    self.buffer = buffer
    self.offset = offset
    self.strides = strides
  }
}

/// Elements from one index to the next along each axis of Q or K.
public struct Strides: Sendable, Equatable, Codable {
  /// From one row of the batch to the next.
  public var batch: Int
  /// From one token of a row to the next.
  public var sequence: Int
  /// From one head of a token to the next.
  public var head: Int
  /// From one channel of a head to the next.
  public var channel: Int

  /// The steps along each axis.
  public init(batch: Int, sequence: Int, head: Int, channel: Int = 1) {
    self.batch = batch
    self.sequence = sequence
    self.head = head
    self.channel = channel
  }

  /// The strides of a contiguous tensor in a layout.
  public init(_ layout: Layout, sequence: Int, heads: Int, headDimension: Int) {
    switch layout {
    case .bshd, .thd:
      self.init(batch: sequence * heads * headDimension, sequence: heads * headDimension, head: headDimension)
    case .bhsd:
      self.init(batch: sequence * heads * headDimension, sequence: headDimension, head: sequence * headDimension)
    }
  }
}
