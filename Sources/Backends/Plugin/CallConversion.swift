import Foundation
import Reference
import RoPE

/// Converts calls for a plug-in that takes those of one version of the interface.
final class CallConversion: @unchecked Sendable {
  private let minorVersion: UInt32
  // The lock guards the tables, which calls of the same plan share.
  private let lock = NSLock()
  private var tables: PlanTables?

  init(minorVersion: UInt32) { self.minorVersion = minorVersion }

  /// The reason that a call cannot be put to the plug-in; nil if it can.
  func limit(for call: RotationCall) -> String? {
    if call.query == nil { return "the interface has no calls without Q" }
    guard minorVersion < call.neededMinorVersion else { return nil }
    return "the call needs version 1.\(call.neededMinorVersion) of the interface, but the backend takes those of "
      + "1.\(minorVersion)"
  }

  /// The call as the plug-in receives it; it must not be beyond the ``limit(for:)``.
  func callAsFunction(_ call: RotationCall) -> PluginCall {
    lock.withLock {
      if tables?.plan != call.plan { tables = nil }
      let tables = tables ?? PlanTables(call.plan)
      self.tables = tables
      return PluginCall(call, tables: tables)
    }
  }
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
struct PlanTables {
  let plan: Plan
  let inverseFrequencies: [Double]
  let attentionFactor: Double

  init(_ plan: Plan) {
    self.plan = plan
    let exact = ExactTables(plan)
    inverseFrequencies = exact.inverseFrequencies()
    attentionFactor = exact.attentionFactor()
  }
}
