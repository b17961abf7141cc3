import Goldens
import RoPE

/// Where the tensors of a case lie in the buffers of its call.
///
/// Every buffer begins and ends with guard bytes that no backend may change.
struct Placement {
  /// Guard bytes at either end of a buffer; a multiple of any access width, so that it moves no alignment.
  static let guardByteCount = 256

  let query: RotatedTensor
  let key: RotatedTensor
  /// The size of each buffer in bytes, guards included.
  let byteCounts: [Int]
  /// What each buffer holds, for messages.
  let names: [String]

  init(_ goldenCase: Case) {
    let workload = goldenCase.workload
    var builder = Builder(
      workload: workload, dimension: goldenCase.convention.headDimension,
      elementSize: goldenCase.elementType.byteCount)
    (query, key) = workload.storage == .fusedQKV ? builder.fused() : builder.apart()
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

  private mutating func view(_ name: String, heads: Int) -> TensorView {
    let contiguous = workload.strides(heads: heads, headDimension: dimension)
    let count = workload.tokenCount * heads * dimension
    switch workload.storage {
    case .separate, .fusedQKV:
      return TensorView(buffer: buffer(name, count: count), offset: guardCount, strides: contiguous)
    case .misaligned:
      // An odd padding, so that no second token is aligned again.
      let token = heads * dimension + 5
      return TensorView(
        buffer: buffer(name, count: workload.tokenCount * token + 1), offset: guardCount + 1,
        strides: Strides(batch: workload.sequence * token, sequence: token, head: dimension))
    case .channelsApart:
      return TensorView(
        buffer: buffer(name, count: 2 * count), offset: guardCount,
        strides: Strides(
          batch: 2 * contiguous.batch, sequence: 2 * contiguous.sequence, head: 2 * contiguous.head, channel: 2))
    }
  }

  mutating func apart() -> (query: RotatedTensor, key: RotatedTensor) {
    (tensor("query", heads: workload.queryHeads), tensor("key", heads: workload.keyHeads))
  }

  private mutating func tensor(_ name: String, heads: Int) -> RotatedTensor {
    let input = view("\(name) input", heads: heads)
    return RotatedTensor(
      heads: heads, input: input, output: workload.inPlace ? input : view("\(name) output", heads: heads))
  }

  /// Q, K and V of a token side by side; the outputs in place or in buffers of their own.
  mutating func fused() -> (query: RotatedTensor, key: RotatedTensor) {
    let token = (workload.queryHeads + 2 * workload.keyHeads) * dimension
    let index = buffer("fused QKV", count: workload.tokenCount * token)
    let strides = Strides(batch: workload.sequence * token, sequence: token, head: dimension)
    func slice(_ firstHead: Int) -> TensorView {
      TensorView(buffer: index, offset: guardCount + firstHead * dimension, strides: strides)
    }
    let query = slice(0), key = slice(workload.queryHeads)
    return (
      RotatedTensor(
        heads: workload.queryHeads, input: query,
        output: workload.inPlace ? query : view("query output", heads: workload.queryHeads)),
      RotatedTensor(
        heads: workload.keyHeads, input: key,
        output: workload.inPlace ? key : view("key output", heads: workload.keyHeads))
    )
  }
}
