import Foundation
import HostKernel
import RoPE

/// What the kernel is made for, beyond what every valid call keeps to.
enum KernelLimits {
  /// Channels per head: the shared memory holds the cosines and sines of half as many pairs.
  static let largestHeadDimension = 2 * Int(ROPE_MAXIMUM_PAIRS)
  /// Blocks of a grid: one per token.
  static let largestBlockCount = Int(Int32.max)
  /// Channels of one token's Q or K: the kernel counts them in 32 bits and steps beyond the end by one block.
  static let largestTokenWidth = 1 << 30

  /// The slice that the kernel is to rotate.
  ///
  /// - Throws: ``Unsupported`` naming the limit that the call exceeds.
  static func slice(of call: RotationCall) throws(Unsupported) -> RotarySlice {
    let dimension = call.plan.headDimension
    guard dimension <= largestHeadDimension else {
      throw Unsupported(reason: "head dimension \(dimension): at most \(largestHeadDimension)")
    }
    let (blocks, overflow) = call.batch.multipliedReportingOverflow(by: call.sequence)
    guard !overflow, blocks <= largestBlockCount else {
      throw Unsupported(reason: "\(call.batch) × \(call.sequence) tokens: at most \(largestBlockCount)")
    }
    for heads in [call.query.heads, call.key.heads] where heads > largestTokenWidth / dimension {
      throw Unsupported(reason: "\(heads) heads of \(dimension) channels: at most \(largestTokenWidth) channels")
    }
    let slice = try RotarySlice(pairs: call.plan.pairs)
    try checkAngles(of: call)
    return slice
  }

  private static func checkAngles(of call: RotationCall) throws(Unsupported) {
    switch call.angles {
    case .none, .table: return
    case .frequencies(let frequencies, _, let positions):
      // Without a finite float32 angle there is nothing to take the cosine of.
      let position = positions.lazy.map(\.magnitude).max() ?? 0
      let frequency = frequencies.lazy.map(\.magnitude).max() ?? 0
      guard (Float(position) * frequency).isFinite else {
        throw Unsupported(reason: "position \(position) times inverse frequency \(frequency) is infinite in float32")
      }
    case .positions: try checkFormula(of: call.plan)
    }
    // Down to the smallest normal, below which float32 loses precision.
    let factor = call.attentionFactor
    guard Float(factor).isNormal else {
      throw Unsupported(reason: "attention factor \(factor): not a normal float32")
    }
  }

  private static func checkFormula(of plan: Plan) throws(Unsupported) {
    guard let formula = plan.pairs.first?.frequency.table else { return }
    guard plan.pairs.allSatisfy({ $0.frequency.table.adjustment == .none }) else {
      throw Unsupported(reason: "frequency scaling: the phase steps are computed without scaling")
    }
    guard formula.base.isNormal else { throw Unsupported(reason: "base \(formula.base): not a normal float64") }
    // Frequencies of a base below 1 grow with the pair.
    let last = Double(plan.pairs.count - 1)
    let highest = pow(formula.base, -2 * last / Double(formula.dimension))
    guard highest <= FrequencyTable.highestFrequency else {
      throw Unsupported(
        reason: "\(highest) radians per position in pair \(plan.pairs.count - 1): at most "
          + "\(FrequencyTable.highestFrequency)")
    }
  }
}
