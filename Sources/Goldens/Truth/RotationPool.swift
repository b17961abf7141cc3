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
  func withRotation<Result>(token: Int, _ body: (ExactRotation) -> Result) -> Result {
    let known = idle.withLock { idle in
      idle.lastIndex { $0.rotation.knows(token: token) }.map { idle.remove(at: $0) } ?? idle.popLast()
    }
    let entry = known ?? Entry(rotation: ExactRotation(plan: plan, angles: angles))
    defer { idle.withLock { $0.append(entry) } }
    return body(entry.rotation)
  }

  /// Cosine and sine of each pair of a token, times the attention factor: the float64 nearest to each.
  func turns(token: Int) -> [SIMD2<Double>] {
    withRotation(token: token) { $0.turns(token: token) }
  }
}
