import Reference
import RoPE
import Synchronization

/// Converts calls for a plug-in that takes those of one version of the interface.
struct CallConversion: Sendable {
  let minorVersion: UInt32

  /// The reason that a call cannot be put to the plug-in; nil if it can.
  func limit(for call: RotationCall) -> String? {
    if call.query == nil { return "the interface has no calls without Q" }
    guard minorVersion < call.neededMinorVersion else { return nil }
    return "the call needs version 1.\(call.neededMinorVersion) of the interface, but the backend takes those of "
      + "1.\(minorVersion)"
  }

  /// The call as the plug-in receives it; it must not be beyond the ``limit(for:)``.
  func callAsFunction(_ call: RotationCall) -> PluginCall { PluginCall(call, tables: PlanTables.of(call.plan)) }
}

extension RotationCall {
  /// The first minor version of the interface that has such calls.
  ///
  /// Version 1.0 has valid ones that rotate some heads of Q and K by the same angles, at integer positions.
  var neededMinorVersion: UInt32 {
    guard let joint, (try? validateValues()) != nil, joint.tokenCount > 0, joint.query.heads > 0, joint.key.heads > 0,
      joint.angles.positions.map({ $0.integers != nil }) ?? true
    else { return 1 }
    return 0
  }
}

/// The values of a plan's formulas, each the Double nearest to the exact one.
struct PlanTables: Sendable {
  let plan: Plan
  let inverseFrequencies: [Double]
  let attentionFactor: Double

  private init(_ plan: Plan) {
    self.plan = plan
    let exact = ExactTables(plan)
    inverseFrequencies = exact.inverseFrequencies()
    attentionFactor = exact.attentionFactor()
  }

  /// Those that were used last, the latest at the end: a case has several calls of one plan, each on any thread.
  private static let recent = Mutex<[PlanTables]>([])
  private static let recentCount = 16

  /// The tables of a plan.
  static func of(_ plan: Plan) -> PlanTables {
    let known = recent.withLock { recent -> PlanTables? in
      guard let index = recent.lastIndex(where: { $0.plan == plan }) else { return nil }
      recent.append(recent.remove(at: index))
      return recent.last
    }
    if let known { return known }
    let tables = PlanTables(plan)
    recent.withLock { recent in
      if recent.count == recentCount { recent.removeFirst() }
      recent.append(tables)
    }
    return tables
  }
}
