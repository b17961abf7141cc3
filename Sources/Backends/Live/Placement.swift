import Goldens
import RoPE

/// The places of a case's tensors in the buffers of its call.
///
/// Every buffer begins and ends with guard bytes that no backend may change.
struct Placement: Sendable {
  /// Guard bytes at either end of a buffer; a multiple of any access width, so that they do not change alignment.
  static let guardByteCount = 256

  /// The views through which a tensor is read and written.
  struct Views: Sendable {
    let input: TensorView
    let output: TensorView
  }

  /// Nil for a tensor that the call does not have.
  let views: PerTensor<Views?>
  /// The size of each buffer in bytes, guards included.
  let byteCounts: [Int]
  /// Descriptions of the buffers, for messages.
  let names: [String]

  init(_ goldenCase: Case) {
    var builder = Builder(
      workload: goldenCase.workload, dimension: goldenCase.convention.headDimension,
      elementSize: goldenCase.elementType.byteCount)
    views = goldenCase.workload.storage == .fusedQKV ? builder.fused() : builder.apart()
    byteCounts = builder.byteCounts
    names = builder.names
  }
}

private struct Builder {
  let workload: Workload
  let dimension: Int
  let elementSize: Int
  var byteCounts: [Int] = []
  var names: [String] = []

  private var guardCount: Int { Placement.guardByteCount / elementSize }

  /// Adds a buffer of `count` elements between its guards.
  private mutating func buffer(_ name: String, count: Int) -> Int {
    names.append(name)
    byteCounts.append(count * elementSize + 2 * Placement.guardByteCount)
    return byteCounts.count - 1
  }

  /// A tensor in a buffer of its own.
  private mutating func view(_ name: String, of tensor: TensorName) -> TensorView {
    let heads = workload.heads(of: tensor), sequence = workload.sequence(of: tensor)
    let tokenCount = workload.tokenCount(of: tensor), count = tokenCount * heads * dimension
    let contiguous = workload.strides(of: tensor, headDimension: dimension)
    switch workload.storage {
    case .separate, .fusedQKV:
      return TensorView(buffer: buffer(name, count: count), offset: guardCount, strides: contiguous)
    case .padded:
      // Three paddings of eight bytes or more, so that no stride follows from another, nor is a multiple of 16 bytes.
      let head = dimension + 12, token = heads * head + 20, row = sequence * token + 28
      return TensorView(
        buffer: buffer(name, count: workload.batch * row), offset: guardCount,
        strides: Strides(batch: row, sequence: token, head: head))
    case .misaligned:
      // Odd padding, so that the alignment differs from token to token.
      let token = heads * dimension + 5
      return TensorView(
        buffer: buffer(name, count: tokenCount * token + 1), offset: guardCount + 1,
        strides: Strides(batch: sequence * token, sequence: token, head: dimension))
    case .channelsApart:
      return TensorView(
        buffer: buffer(name, count: 2 * count), offset: guardCount,
        strides: Strides(
          batch: 2 * contiguous.batch, sequence: 2 * contiguous.sequence, head: 2 * contiguous.head, channel: 2))
    }
  }

  /// The output of a tensor: its input, or a buffer of its own.
  private mutating func views(of tensor: TensorName, input: TensorView) -> Placement.Views {
    Placement.Views(
      input: input, output: workload.inPlace ? input : view("\(tensor.rawValue) output", of: tensor))
  }

  mutating func apart() -> PerTensor<Placement.Views?> {
    PerTensor {
      workload.tensors.contains($0) ? views(of: $0, input: view("\($0.rawValue) input", of: $0)) : nil
    }
  }

  /// Places Q, K and V of a token next to each other; the outputs are in place or in buffers of their own.
  mutating func fused() -> PerTensor<Placement.Views?> {
    let token = (workload.queryHeads + 2 * workload.keyHeads) * dimension
    let index = buffer("fused QKV", count: workload.tokenCount * token)
    let strides = Strides(batch: workload.sequence * token, sequence: token, head: dimension)
    let firstHead = PerTensor(query: 0, key: workload.queryHeads)
    return PerTensor {
      views(
        of: $0, input: TensorView(buffer: index, offset: guardCount + firstHead[$0] * dimension, strides: strides))
    }
  }
}
