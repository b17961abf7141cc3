import Backends
import KnownGood
import RoPE

/// A right implementation as a backend for tensors of any strides.
struct KnownGoodBackend: RoPEBackend {
  let implementation: KnownGood

  var name: String { implementation.name }
  var summary: String { implementation.name }

  func support(for call: RotationCall) -> Support {
    let positions = call.present.compactMap(\.angles.positions)
    guard implementation.takesFractions || positions.allSatisfy({ $0.integers != nil }) else {
      return .unsupported(reason: "takes integer positions only")
    }
    return .supported
  }

  func rotate(_ call: RotationCall, in memory: CallMemory) throws -> Evidence? {
    let type = call.elementType, dimension = call.plan.headDimension
    for tensor in call.present {
      // Each element with its place in the buffer of a view, `[tokens, heads, D]`.
      func places(_ view: TensorView) -> [Int] {
        (0..<call.batch * tensor.sequence).flatMap { token in
          (0..<tensor.heads).flatMap { head in
            let first = view.index(token: token, head: head, sequence: tensor.sequence)
            return (0..<dimension).map { first + $0 * view.strides.channel }
          }
        }
      }
      let from = places(tensor.input), buffer = UnsafeRawBufferPointer(memory.buffers[tensor.input.buffer])
      guard !from.isEmpty else { continue }
      var input = ElementArray(type: type, count: from.count)
      for (index, place) in from.enumerated() { input[index] = buffer.bits(at: place, type: type) }
      let output = implementation.rotate(plan: call.plan, angles: tensor.angles, input: input, heads: tensor.heads)
      for (index, place) in places(tensor.output).enumerated() {
        memory.buffers[tensor.output.buffer].setBits(output[index], at: place, type: type)
      }
    }
    return nil
  }
}
