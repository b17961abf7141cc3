import HostKernel
import RoPE

/// The reason that the kernel cannot take a call.
struct Unsupported: Error, Equatable {
  let reason: String
}

/// The kernel's limits, beyond those of every valid call.
enum KernelLimits {
  /// Channels per head: the shared memory holds cosines and sines for half as many pairs.
  static let largestHeadDimension = 2 * Int(ROPE_MAXIMUM_PAIRS)
  /// Blocks of a grid, which has at least one per token.
  static let largestBlockCount = Int(Int32.max)
  /// Channels of one token's Q or K: the kernel counts them in 32 bits and steps beyond the end by one block.
  static let largestTokenWidth = 1 << 30

  /// Converts a call to the launches that it needs: one if Q and K have the same angles, otherwise one for each of them,
  /// and none without tokens.
  ///
  /// - Throws: ``Unsupported`` naming the limit that the call exceeds, or the fault of an invalid call.
  static func launches(for call: RotationCall) throws(Unsupported) -> [JointCall] {
    let launches = call.joint.map { [$0] } ?? call.present.map(call.alone)
    for launch in launches { try checkCounts(of: launch) }
    do throws(CallError) {
      try call.validateValues()
    } catch {
      throw Unsupported(reason: error.description)
    }
    for launch in launches { try checkAngles(of: launch) }
    return launches.filter { $0.tokenCount > 0 }
  }

  private static func checkCounts(of call: JointCall) throws(Unsupported) {
    let dimension = call.plan.headDimension
    guard dimension <= largestHeadDimension else {
      throw Unsupported(reason: "head dimension \(dimension): must be at most \(largestHeadDimension)")
    }
    let (blocks, overflow) = call.batch.multipliedReportingOverflow(by: call.sequence)
    guard !overflow, blocks <= largestBlockCount else {
      throw Unsupported(reason: "\(call.batch) × \(call.sequence) tokens: must be at most \(largestBlockCount)")
    }
    for heads in [call.query.heads, call.key.heads] where heads > largestTokenWidth / dimension {
      throw Unsupported(
        reason: "\(heads) heads of \(dimension) channels: must be at most \(largestTokenWidth) channels")
    }
  }

  private static func checkAngles(of call: JointCall) throws(Unsupported) {
    switch call.angles {
    case .none, .table: return
    case .frequencies(let frequencies, _, let positions):
      try checkProducts(of: call.plan, frequencies, positions)
    case .positions:
      try checkFormulas(of: call.plan)
    }
    // Below the smallest normal number, float32 loses precision.
    let factor = call.attentionFactor
    guard Float(factor).isNormal else {
      throw Unsupported(reason: "attention factor \(factor): must be a normal float32")
    }
  }

  /// Checks that every float32 angle is finite, because an infinite one has no cosine.
  private static func checkProducts(
    of plan: Plan, _ frequencies: [Float], _ positions: Positions
  ) throws(Unsupported) {
    for axis in 0..<plan.axisCount {
      let tokens = positions.tokenCount
      let position = positions.values[axis * tokens..<(axis + 1) * tokens].lazy.map(\.magnitude).max() ?? 0
      let frequency = zip(plan.pairs, frequencies).lazy.filter { $0.0.axis == axis }.map(\.1.magnitude).max() ?? 0
      guard (Float(position) * frequency).isFinite else {
        let axisText = plan.axisCount == 1 ? "" : " on axis \(axis)"
        throw Unsupported(
          reason: "position \(position.shortest) times inverse frequency \(frequency)\(axisText) is infinite in float32"
        )
      }
    }
  }

  private static func checkFormulas(of plan: Plan) throws(Unsupported) {
    for table in plan.pairs.map(\.frequency.table) {
      if case .values = table.adjustment { continue }
      guard table.base.isNormal else { throw Unsupported(reason: "base \(table.base): must be a normal float64") }
    }
    for (index, frequency) in plan.frequencies.enumerated() {
      // This also refuses not-a-number.
      guard frequency.high.magnitude <= DoubleDouble.highestFrequency else {
        throw Unsupported(
          reason: "\(frequency.high) radians per position in pair \(index): must be at most "
            + "\(DoubleDouble.highestFrequency)")
      }
    }
  }
}
