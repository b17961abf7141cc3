/// One rotation as a backend receives it: what to rotate, by which angles, and where it lies.
///
/// A tensor is `[batch, sequence, heads, D]`. Packed sequences have batch 1 and their tokens as the sequence. The memory
/// layout is in the strides alone. Length, angles and presence belong to a tensor: K may have others than Q, and either
/// may be absent.
public struct RotationCall: Sendable {
  /// The convention in its normal form.
  public var plan: Plan
  /// The type of every element.
  public var elementType: ElementType
  /// Rows of the batch.
  public var batch: Int
  /// Q and K, each nil where the call has none.
  public var tensors: PerTensor<RotatedTensor?>

  /// A call with all its parts.
  public init(plan: Plan, elementType: ElementType, batch: Int, tensors: PerTensor<RotatedTensor?>) {
    self.plan = plan
    self.elementType = elementType
    self.batch = batch
    self.tensors = tensors
  }

  /// The tensors that the call has, Q first.
  public var present: [RotatedTensor] { tensors.all.compactMap(\.self) }

  /// Tokens of the longest tensor, in all rows.
  public var tokenCount: Int { batch * (present.map(\.sequence).max() ?? 0) }

  /// The contract of the call, which the angles of its tensors say.
  public var contract: Contract { present.first?.angles.contract ?? .unrotated }

  /// The call as one of Q and K by the same angles; nil where one of them is absent or has a length or angles of its own.
  public var joint: JointCall? {
    guard let query = tensors.query, let key = tensors.key, query.sequence == key.sequence, query.angles == key.angles
    else { return nil }
    return JointCall(
      plan: plan, elementType: elementType, batch: batch, sequence: query.sequence, angles: query.angles, query: query,
      key: key)
  }
}

/// A call that rotates Q and K by the same angles, as most kernels do.
public struct JointCall: Sendable {
  /// The convention in its normal form.
  public let plan: Plan
  /// The type of every element.
  public let elementType: ElementType
  /// Rows of the batch.
  public let batch: Int
  /// Tokens per row.
  public let sequence: Int
  /// The angles of both tensors, one entry per token.
  public let angles: Angles
  /// Q.
  public let query: RotatedTensor
  /// K.
  public let key: RotatedTensor

  /// Tokens in all rows.
  public var tokenCount: Int { batch * sequence }
}

/// A tensor of a call: its extents and angles, where it is read and where its rotation is written.
public struct RotatedTensor: Sendable, Equatable {
  /// Tokens per row of the batch.
  public var sequence: Int
  /// Heads per token.
  public var heads: Int
  /// The angles, one entry per token in row-major order of `[batch, sequence]`.
  public var angles: Angles
  /// The elements that are read.
  public var input: TensorView
  /// The elements that are written; equal to `input` for a rotation in place.
  public var output: TensorView

  /// A tensor with all its parts.
  public init(sequence: Int, heads: Int, angles: Angles, input: TensorView, output: TensorView) {
    self.sequence = sequence
    self.heads = heads
    self.angles = angles
    self.input = input
    self.output = output
  }
}

/// A backend's answer to whether it can carry out a call.
public enum Support: Sendable, Equatable {
  case supported
  /// It cannot; why, and what it could.
  case unsupported(reason: String)
}
