import Reference
import RoPE
import Synchronization

/// Exact rotations of one call, one for each thread that works on it.
///
/// Each keeps cosines and sines that it computed.
final class RotationPool: Sendable {
  let plan: Plan
  private let angles: Angles
  private let idle = Mutex<[Entry]>([])

  /// A rotation that one thread uses at a time.
  private struct Entry: @unchecked Sendable {
    let rotation: ExactRotation
  }

  init(plan: Plan, angles: Angles) {
    self.plan = plan
    self.angles = angles
  }

  /// A rotation that knows `token` is preferred.
  func withRotation(token: Int, _ body: (ExactRotation) -> Void) {
    let known = idle.withLock { idle in
      idle.lastIndex { $0.rotation.knows(token: token) }.map { idle.remove(at: $0) } ?? idle.popLast()
    }
    let entry = known ?? Entry(rotation: ExactRotation(plan: plan, angles: angles))
    body(entry.rotation)
    idle.withLock { $0.append(entry) }
  }

  /// Cosine and sine of each pair of a token, times the attention factor: the float64 nearest to each.
  func turns(token: Int) -> [SIMD2<Double>] {
    var input = Array(repeating: 0.0, count: plan.headDimension), output = input
    // A pair at (1, 0) rotates to its cosine and sine.
    for pair in plan.pairs { input[pair.input.first] = 1 }
    withRotation(token: token) { rotation in
      input.withUnsafeBufferPointer { input in
        output.withUnsafeMutableBufferPointer { rotation.rotate(token: token, input: input, output: $0) }
      }
    }
    return plan.pairs.map { SIMD2(output[$0.output.first], output[$0.output.second]) }
  }
}
