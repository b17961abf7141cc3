import Backends
import Foundation
import Reference
import RoPE

/// Rotates float32 by positions, on the CPU.
public struct MyRope: RoPEBackend {
  public let name = "my-rope"
  public let summary = "my RoPE in Swift, float32"

  public init() {}

  public func support(for call: RotationCall) -> Support {
    guard call.elementType == .float32, case .positions = call.angles else {
      return .unsupported(reason: "only float32 by positions so far")
    }
    return .supported
  }

  public func rotate(_ call: RotationCall, in memory: CallMemory) -> Evidence? {
    guard case .positions(let positions) = call.angles else { return nil }
    let plan = call.plan, pairs = plan.pairs, tables = ExactTables(plan)
    let frequencies = tables.inverseFrequencies(), factor = tables.attentionFactor()
    var cosines = [Float](repeating: 0, count: pairs.count), sines = cosines
    for token in 0..<call.tokenCount {
      for index in pairs.indices {
        let angle = Double(positions[pairs[index].axis * call.tokenCount + token]) * frequencies[index]
        (cosines[index], sines[index]) = (Float(factor * cos(angle)), Float(factor * sin(angle)))
      }
      for tensor in [call.query, call.key] {
        let input = memory.buffers[tensor.input.buffer].bindMemory(to: Float.self)
        let output = memory.buffers[tensor.output.buffer].bindMemory(to: Float.self)
        for head in 0..<tensor.heads {
          let from = tensor.input.index(token, head, of: call), to = tensor.output.index(token, head, of: call)
          let step = tensor.input.strides.channel, outputStep = tensor.output.strides.channel
          // A copy, for the output may replace the input.
          let x = (0..<plan.headDimension).map { input[from + $0 * step] }
          for channel in x.indices { output[to + channel * outputStep] = x[channel] }
          for (index, pair) in pairs.enumerated() {
            let (x0, x1) = (x[pair.input.first], x[pair.input.second])
            output[to + pair.output.first * outputStep] = x0 * cosines[index] - x1 * sines[index]
            output[to + pair.output.second * outputStep] = x1 * cosines[index] + x0 * sines[index]
          }
        }
      }
    }
    return nil
  }
}

extension TensorView {
  /// The index of the first channel of a head of a token.
  fileprivate func index(_ token: Int, _ head: Int, of call: RotationCall) -> Int {
    offset + token / call.sequence * strides.batch + token % call.sequence * strides.sequence + head * strides.head
  }
}
