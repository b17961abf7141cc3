import RoPE

/// The source of one case's outputs: a backend that runs, or files.
///
/// All calls come from one thread, except those of ``rows(run:_:_:)``.
package protocol OutputSource: Sendable {
  /// The number of times the case is run, to find races and state kept between runs; at least 1.
  var runCount: Int { get }
  /// The bits that mark an element that was not written; nil if outputs are not poisoned.
  var unwritten: UInt32? { get }
  /// The device's record of all runs so far; nil if there is none.
  var deviceWork: DeviceWork? { get }

  /// Runs the case on its inputs; runs are counted from 1.
  ///
  /// - Throws: ``OutputError`` if the outputs cannot be had, ``LateRefusal`` if the first run shows that the case is
  ///   unsupported, another error if the system refuses a resource.
  func perform(run: Int) throws -> RunOutcome

  /// The outputs of some tokens, `[tokens, heads, D]`, of the latest run or one that was kept. Called from any thread.
  ///
  /// - Throws: ``OutputError``.
  func rows(run: Int, _ tensor: TensorName, _ tokens: Range<Int>) throws -> ElementArray

  /// Keeps the outputs of the latest run while others follow.
  ///
  /// - Throws: ``OutputError``.
  func keep(run: Int) throws

  /// Tries the invalid call of the case, which must be refused; called after all runs, which are its valid twin's.
  ///
  /// - Returns: what is wrong with the answer; empty if the call was refused and nothing was written.
  /// - Throws: an error if the system refuses a resource.
  func refusal() throws -> [Violation]
}

extension OutputSource {
  /// Nothing: the source knows no invalid calls.
  package func refusal() throws -> [Violation] { [] }
}

/// The outcome of one run.
package struct RunOutcome: Sendable {
  /// Violations in the run by itself, whatever it computed.
  package let violations: [Violation]
  /// True if there are outputs to judge; a backend that failed has none, and is not run again.
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

/// An error for outputs that cannot be had, with the reason in one line.
///
/// It fails the case.
package struct OutputError: Error, Equatable, CustomStringConvertible {
  package let description: String

  package init(_ description: String) { self.description = description }
}

/// The word of a backend, first given when it was called, that it does not support a case.
package struct LateRefusal: Error, CustomStringConvertible {
  package let reason: String

  package init(reason: String) { self.reason = reason }

  package var description: String { reason }
}

/// A device's record of its work in all runs of a case.
package struct DeviceWork: Codable, Sendable, Equatable {
  /// The launches on record.
  package private(set) var launches = 0
  /// Their total time by the device's own timer; nil if it has none.
  package private(set) var milliseconds: Double?

  package init() {}

  /// Adds a launch.
  package mutating func add(milliseconds: Double?) {
    launches += 1
    if let milliseconds { self.milliseconds = (self.milliseconds ?? 0) + milliseconds }
  }
}
