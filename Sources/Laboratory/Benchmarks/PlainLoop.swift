import Dispatch
import Foundation
import PlainRotation
import RoPE

/// The plain loop in C on a call's tensors, split over the cores.
///
/// It has tensors of its own, with the same shapes and strides, because a plain loop knows nothing of our buffers.
final class PlainLoop {
  private let call: JointCall
  private let isInterleaved: Bool
  private let input: [Float]
  private var query: [Float]
  private var key: [Float]
  private let cosines: [Float]
  private let sines: [Float]

  /// Nil if the plain loop cannot do the call: it knows only float32, a table, and slices that begin each head.
  init?(_ shape: BenchmarkShape, _ call: RotationCall) {
    guard let call = call.joint, shape.elementType == .float32, case .table(let table, _) = call.angles,
      table.type == .float32,
      call.plan.pairs.first?.input.first == 0
    else { return nil }
    self.call = call
    isInterleaved = shape.pairing == .interleaved
    let dimension = call.plan.headDimension
    let width = max(
      call.sequence * (call.query.heads + call.key.heads) * dimension,
      call.key.input.offset + call.sequence * call.key.input.strides.sequence)
    input = (0..<width).map { Float($0 % 1024) / 512 - 1 }
    query = Array(repeating: 0, count: call.sequence * call.query.heads * dimension)
    key = Array(repeating: 0, count: call.sequence * call.key.heads * dimension)
    cosines = table.cosines.map(Float.init(bitPattern:))
    sines = table.sines.map(Float.init(bitPattern:))
  }

  /// The seconds of one pass over Q and K.
  func seconds() -> Double {
    let start = ContinuousClock.now
    input.withUnsafeBufferPointer { input in
      query.withUnsafeMutableBufferPointer { query in rotate(call.query, input, query) }
      key.withUnsafeMutableBufferPointer { key in rotate(call.key, input, key) }
    }
    return (ContinuousClock.now - start) / .seconds(1)
  }

  private func rotate(
    _ tensor: RotatedTensor, _ input: UnsafeBufferPointer<Float>, _ output: UnsafeMutableBufferPointer<Float>
  ) {
    guard let from = input.baseAddress, let to = output.baseAddress else { return }
    cosines.withUnsafeBufferPointer { cosines in
      sines.withUnsafeBufferPointer { sines in
        guard let cosines = cosines.baseAddress, let sines = sines.baseAddress else { return }
        let part = Part(
          input: from + tensor.input.offset, stride: tensor.input.strides.sequence, output: to, cosines: cosines,
          sines: sines)
        let (heads, dimension, pairs) = (tensor.heads, call.plan.headDimension, call.plan.pairs.count)
        let (tokens, isInterleaved) = (call.sequence, isInterleaved)
        let shares = min(tokens, 4 * ProcessInfo.processInfo.activeProcessorCount)
        DispatchQueue.concurrentPerform(iterations: shares) { share in
          let (first, end) = (tokens * share / shares, tokens * (share + 1) / shares)
          rope_plain_rotation(
            part.input + first * part.stride, part.stride, part.output + first * heads * dimension,
            part.cosines + first * pairs, part.sines + first * pairs, end - first, Int32(heads), Int32(dimension),
            Int32(2 * pairs), isInterleaved ? 1 : 0)
        }
      }
    }
  }

  /// Unchecked because of the pointers; each core writes tokens of its own.
  private struct Part: @unchecked Sendable {
    let input: UnsafePointer<Float>
    let stride: Int
    let output: UnsafeMutablePointer<Float>
    let cosines: UnsafePointer<Float>
    let sines: UnsafePointer<Float>
  }
}
