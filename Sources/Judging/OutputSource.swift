import RoPE

/// Where the outputs of one case come from: a backend that runs, or files.
///
/// The calls come from one thread, apart from ``rows(run:_:_:)``.
package protocol OutputSource: Sendable {
  /// How often the case is run, to find races and state; at least 1.
  var runCount: Int { get }
  /// The bits that mark an element that was not written; nil if outputs are not poisoned.
  var unwritten: UInt32? { get }
  /// What the device says about all runs so far; nil where nothing keeps a record.
  var deviceWork: DeviceWork? { get }

  /// Runs the case on its inputs; runs are counted from 1.
  ///
  /// - Throws: ``OutputError`` where the outputs cannot be had, and where the system refuses what a run needs.
  func perform(run: Int) throws -> RunOutcome

  /// The outputs of some tokens, `[tokens, heads, D]`, of the latest run or one that was kept. Called from any thread.
  ///
  /// - Throws: ``OutputError``.
  func rows(run: Int, _ tensor: TensorName, _ tokens: Range<Int>) throws -> ElementArray

  /// Keeps the outputs of the latest run while others follow.
  ///
  /// - Throws: ``OutputError``.
  func keep(run: Int) throws
}

/// What became of one run.
package struct RunOutcome: Sendable {
  /// What did not hold in the run by itself, whatever it computed.
  package let violations: [Violation]
  /// Whether there are outputs to judge; a backend that failed has none, and is not run again.
  package let hasOutputs: Bool

  package init(violations: [Violation] = [], hasOutputs: Bool = true) {
    self.violations = violations
    self.hasOutputs = hasOutputs
  }

  /// A run that gave no outputs.
  package static func failed(_ reason: String, _ others: [Violation] = []) -> RunOutcome {
    RunOutcome(violations: [.backendFailed(message: reason)] + others, hasOutputs: false)
  }
}

/// Outputs that cannot be had: why, in one line. The case fails for it.
package struct OutputError: Error, Equatable, CustomStringConvertible {
  package let description: String

  package init(_ description: String) { self.description = description }
}

/// What a device says about its work in all runs of a case.
package struct DeviceWork: Codable, Sendable, Equatable {
  /// Launches that it has a record of.
  package private(set) var launches = 0
  /// Their time together by its own timer; nil where it has none.
  package private(set) var milliseconds: Double?

  package init() {}

  /// Adds a launch.
  package mutating func add(milliseconds: Double?) {
    launches += 1
    if let milliseconds { self.milliseconds = (self.milliseconds ?? 0) + milliseconds }
  }
}
