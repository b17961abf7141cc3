import Judging
import RoPE
import Testing

@testable import Goldens

/// A case in which one thing is done that a backend must not do, and the violation that follows.
struct SpoiledCase: Sendable {
  let name: String
  let workload: Workload
  var configuration = Golden.partial
  var type = ElementType.float32
  var positions: Positions?
  /// Loose enough, if needed, that a changed bit does not count as an error of accuracy.
  var budget = "float32-exact-angle"
  let spoil: @Sendable (Run) -> Void
  let violation: @Sendable (Violation) -> Bool

  static let plain = Workload("plain", .withRoPE, batch: 2, sequence: 3, heads: (5, 2))
  /// Computed, and judged in several slabs.
  static let sampled = Workload("sampled", .largeSequence, sequence: 300, heads: (40, 16), isSampled: true)

  /// Expects that each verdict is exactly the one violation, and that the same case unspoiled conforms.
  static func check(_ cases: [SpoiledCase], sourceLocation: SourceLocation = #_sourceLocation) throws {
    var wrong: [String] = []
    for spoiled in cases {
      let golden = try Golden.make(
        spoiled.workload, spoiled.configuration, spoiled.type, positions: spoiled.positions)
      let control = try verdict(golden, FaultyBackend(), budget: spoiled.budget)
      if control.outcome != .conforms { wrong.append("\(spoiled.name), unspoiled: \(control.violations)") }
      let found = try verdict(golden, FaultyBackend(spoil: spoiled.spoil), budget: spoiled.budget)
      let isRight = found.violations.count == 1 && spoiled.violation(found.violations[0])
      if found.outcome != .fails || !isRight { wrong.append("\(spoiled.name): \(found.outcome) \(found.violations)") }
    }
    if !wrong.isEmpty { Issue.record(Comment(rawValue: wrong.joined(separator: "\n")), sourceLocation: sourceLocation) }
  }
}
