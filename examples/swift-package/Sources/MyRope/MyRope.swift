import Foundation
import RoPEConformance

/// Rotates float32 by positions, on the CPU.
public struct MyRope: RoPEBackend {
  /// The name that reports use.
  public let name = "my-rope"
  /// The line that reports show.
  public let summary = "my RoPE in Swift, float32"
  /// Calls with a channel beyond the head are refused by ``support(for:)``.
  public let refusesInvalidCalls = true

  /// A backend; it has no settings.
  public init() {}

  /// Accepts float32 with positions, and gives a reason otherwise.
  public func support(for call: RotationCall) -> Support {
    guard call.elementType == .float32, call.contract == .position else {
      return .unsupported(reason: "only float32 by positions so far")
    }
    let channels = call.plan.pairs.flatMap { [$0.input.first, $0.input.second, $0.output.first, $0.output.second] }
    guard channels.allSatisfy({ $0 < call.plan.headDimension }) else {
      return .unsupported(reason: "the head does not have so many channels")
    }
    return .supported
  }

  /// Rotates every tensor of the call, a token at a time.
  public func rotate(_ call: RotationCall, in memory: CallMemory) -> Evidence? {
    let tables = ExactTables(call.plan)
    let frequencies = tables.inverseFrequencies(), factor = tables.attentionFactor()
    for tensor in call.present {
      guard let positions = tensor.angles.positions else { continue }
      for token in 0..<call.batch * tensor.sequence {
        let angles = zip(call.plan.pairs, frequencies).map { positions[$0.axis, token] * $1 }
        rotate(
          tensor, token, call.plan, memory, cosines: angles.map { Float(factor * cos($0)) },
          sines: angles.map { Float(factor * sin($0)) })
      }
    }
    return nil
  }

  /// Rotates all heads of a token.
  private func rotate(
    _ tensor: RotatedTensor, _ token: Int, _ plan: Plan, _ memory: CallMemory, cosines: [Float], sines: [Float]
  ) {
    let input = memory.buffers[tensor.input.buffer].bindMemory(to: Float.self)
    let output = memory.buffers[tensor.output.buffer].bindMemory(to: Float.self)
    let step = tensor.input.strides.channel, outputStep = tensor.output.strides.channel
    for head in 0..<tensor.heads {
      let from = tensor.input.index(token: token, head: head, sequence: tensor.sequence)
      let to = tensor.output.index(token: token, head: head, sequence: tensor.sequence)
      // A copy, because the output may overwrite the input.
      let x = (0..<plan.headDimension).map { input[from + $0 * step] }
      for channel in x.indices { output[to + channel * outputStep] = x[channel] }
      for (index, pair) in plan.pairs.enumerated() {
        let (x0, x1) = (x[pair.input.first], x[pair.input.second])
        output[to + pair.output.first * outputStep] = x0 * cosines[index] - x1 * sines[index]
        output[to + pair.output.second * outputStep] = x1 * cosines[index] + x0 * sines[index]
      }
    }
  }
}
