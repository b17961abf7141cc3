/// One rotation as a backend receives it: its tensors, their angles and their memory layout.
///
/// A tensor is `[batch, sequence, heads, D]`. Packed sequences have batch 1 and their tokens as the sequence. Only the
/// strides describe the memory layout. Q and K can differ in length and angles, and either can be absent.
public struct RotationCall: Sendable {
  /// The convention in its normal form.
  public package(set) var plan: Plan
  /// The type of every element.
  public package(set) var elementType: ElementType
  /// Rows of the batch.
  public package(set) var batch: Int
  /// Q and K, each nil if the call has none.
  package var tensors: PerTensor<RotatedTensor?>
  /// The origin of the call; nil for one that belongs to no case.
  public package(set) var origin: CallOrigin?

  /// A call with all its parts.
  package init(
    plan: Plan, elementType: ElementType, batch: Int, tensors: PerTensor<RotatedTensor?>, origin: CallOrigin? = nil
  ) {
    self.plan = plan
    self.elementType = elementType
    self.batch = batch
    self.tensors = tensors
    self.origin = origin
  }

  /// The tensors that the call has, Q first.
  public var present: [RotatedTensor] { tensors.all.compactMap(\.self) }

  /// Q; nil if the call has none.
  public var query: RotatedTensor? { tensors.query }

  /// K; nil if the call has none.
  public var key: RotatedTensor? { tensors.key }

  /// Tokens that a device has to count: those that Q and K share once, and all others for each tensor.
  package var tokenCount: Int { joint?.tokenCount ?? present.reduce(0) { $0 + batch * $1.sequence } }

  /// The contract of the call, which follows from the angles of its tensors.
  public var contract: Contract { present.first?.angles.contract ?? .unrotated }

  /// The call with Q and K rotated by the same angles; nil if one is absent, or their lengths or angles differ.
  package var joint: JointCall? {
    guard let query = tensors.query, let key = tensors.key, query.sequence == key.sequence,
      query.sequenceStarts == key.sequenceStarts, query.angles == key.angles
    else { return nil }
    return JointCall(
      plan: plan, elementType: elementType, batch: batch, sequence: query.sequence, angles: query.angles, query: query,
      key: key)
  }

  /// One tensor of the call as a call of its own, whose K has no heads.
  package func alone(_ tensor: RotatedTensor) -> JointCall { joint(of: tensor, query: tensor, key: nil) }

  /// The call with both tensors rotated by the angles of one; nil without that one.
  ///
  /// A tensor that is absent has no heads.
  package func joint(byAnglesOf name: TensorName) -> JointCall? {
    tensors[name].map { joint(of: $0, query: query, key: key) }
  }

  private func joint(of tensor: RotatedTensor, query: RotatedTensor?, key: RotatedTensor?) -> JointCall {
    var nothing = tensor
    nothing.heads = 0
    return JointCall(
      plan: plan, elementType: elementType, batch: batch, sequence: tensor.sequence, angles: tensor.angles,
      query: query ?? nothing, key: key ?? nothing)
  }
}

/// A call that rotates Q and K by the same angles, as most kernels do.
package struct JointCall: Sendable {
  /// The convention in its normal form.
  package let plan: Plan
  /// The type of every element.
  package let elementType: ElementType
  /// Rows of the batch.
  package let batch: Int
  /// Tokens per row.
  package let sequence: Int
  /// The angles of both tensors, one entry per token.
  package let angles: Angles
  /// Q.
  package let query: RotatedTensor
  /// K.
  package let key: RotatedTensor

  /// Tokens in all rows.
  package var tokenCount: Int { batch * sequence }
}

/// The case that a call belongs to, and the convention as an engine's own scaling code takes it.
public struct CallOrigin: Sendable, Equatable {
  /// The name of the case, such as `glm-4-9b-chat/f32/prompt/position`.
  public let caseName: String
  /// The base θ of the inverse frequencies; nil if the convention lists its frequencies.
  public let base: Double?
  /// The type of the scaling by Hugging Face's name, such as `default` or `yarn`.
  public let scalingType: String
  /// The parameters of the scaling, sorted by name.
  public let scalingParameters: [ScalingParameter]

  /// The origin of a call of a case.
  package init(caseName: String, convention: Convention) {
    self.caseName = caseName
    base = convention.base
    scalingType = convention.scaling.typeName
    scalingParameters = convention.scaling.parameters
  }
}

/// A parameter of a frequency scaling.
public struct ScalingParameter: Sendable, Equatable {
  /// Hugging Face's name, such as `beta_fast`.
  public let name: String
  /// Its value; a flag is 0 or 1, and only a list has several.
  public let values: [Double]
}

/// A tensor of a call: its extents and angles, where it is read and where its rotation is written.
///
/// A tensor without tokens or heads has no elements, and nothing is to be done for it.
public struct RotatedTensor: Sendable, Equatable {
  /// Tokens per row of the batch.
  public package(set) var sequence: Int
  /// The token at which each packed sequence begins, then the number of tokens (`cu_seqlens`); nil if not packed.
  public package(set) var sequenceStarts: [Int32]?
  /// Heads per token.
  public package(set) var heads: Int
  /// The angles, one entry per token in row-major order of `[batch, sequence]`.
  public package(set) var angles: Angles
  /// The elements that are read.
  public package(set) var input: TensorView
  /// The elements that are written; equal to `input` for a rotation in place.
  public package(set) var output: TensorView

  /// A tensor with all its parts.
  package init(
    sequence: Int, sequenceStarts: [Int32]? = nil, heads: Int, angles: Angles, input: TensorView, output: TensorView
  ) {
    self.sequence = sequence
    self.sequenceStarts = sequenceStarts
    self.heads = heads
    self.angles = angles
    self.input = input
    self.output = output
  }
}

/// A backend's answer to whether it can carry out a call.
///
/// Backends make it and the suite reads it. A later version may add an answer.
#if hasAttribute(nonexhaustive)
  @nonexhaustive
#endif
public enum Support: Sendable, Equatable {
  /// The backend can carry out the call.
  case supported
  /// The backend cannot carry out the call, for this reason.
  case unsupported(reason: String)
}
