import Foundation
import Goldens

/// Cases that a program is given together, so that its start is paid once.
///
/// A verdict rests on starts that ended well. Where one does not, its cases are tried again in smaller batches, down to
/// one, so that a case at which the program ends costs no other.
final class CommandBatch: @unchecked Sendable {
  /// What became of one case.
  enum Outcome {
    /// The outputs of each run, which exist as long as the folder does.
    case outputs([RecordedOutputs], ScratchFolder)
    case failed(reason: String)
  }

  private let names: [String]
  private let start: CommandStart
  private let history: CommandHistory

  // The lock guards what follows, and is held while the program runs.
  private let lock = NSLock()
  /// The outcomes that nobody has asked for yet; nil before the first start.
  private var outcomes: [String: Outcome]?

  /// - Parameter history: of all batches of the program.
  init(_ names: [String], start: CommandStart, history: CommandHistory) {
    self.names = names
    self.start = start
    self.history = history
  }

  /// The outcome of one of the cases; asked for again, the case is run again, alone.
  ///
  /// - Throws: where goldens cannot be read or inputs not be written.
  func outcome(of name: String) throws -> Outcome {
    try lock.withLock {
      var outcomes = try outcomes ?? run(names)
      if outcomes[name] == nil { outcomes.merge(try run([name])) { $1 } }
      let outcome = outcomes.removeValue(forKey: name)
      self.outcomes = outcomes
      return outcome ?? .failed(reason: "no output recorded")
    }
  }

  private func run(_ names: [String]) throws -> [String: Outcome] {
    var outcomes: [String: Outcome] = [:]
    // The next batch is the last.
    var waiting = [names]
    while let batch = waiting.popLast() {
      if let reason = history.reasonToGiveUp {
        for name in batch { outcomes[name] = .failed(reason: reason) }
        continue
      }
      let scratch = try ScratchFolder()
      var rest: [[String]] = []
      switch try start.run(batch, in: scratch) {
      case .ended(let runs):
        let recorded = Set(runs[0].header.caseNames)
        let taken = batch.count == 1 ? batch : batch.filter(recorded.contains)
        history.note(isGood: !taken.isEmpty, "no output recorded")
        history.note(extra: recorded.subtracting(batch))
        for name in taken { outcomes[name] = .outputs(runs, scratch) }
        if taken.count < batch.count { rest = Self.parts(of: batch, without: Set(taken)) }
      case .failed(let reason, let recorded):
        history.note(isGood: false, reason)
        if batch.count == 1 {
          outcomes[batch[0]] = .failed(reason: reason)
        } else {
          let there = batch.filter(recorded.contains)
          rest = (there.isEmpty ? [] : [there]) + Self.parts(of: batch, without: Set(there))
          // Then the end came after the last case.
          if there.count == batch.count { rest = Self.halves(batch) }
        }
      }
      waiting += rest.reversed()
    }
    return outcomes
  }

  /// What is to be tried again: the first case that is missing is the one at which the program ended, if it writes one by
  /// one; where it wrote none, any can be it.
  private static func parts(of batch: [String], without recorded: Set<String>) -> [[String]] {
    let missing = batch.filter { !recorded.contains($0) }
    guard !recorded.isEmpty, missing.count > 1 else {
      return missing.count == batch.count ? halves(missing) : [missing]
    }
    return [[missing[0]], Array(missing.dropFirst())]
  }

  private static func halves(_ names: [String]) -> [[String]] {
    [Array(names.prefix(names.count / 2)), Array(names.dropFirst(names.count / 2))]
  }
}

/// What the starts of a program have shown so far.
final class CommandHistory: @unchecked Sendable {
  /// Starts in a row, from the first, that may be of no use: more than it takes to halve the largest batch down to single
  /// cases, and to try several of these.
  private static let limit = 32

  private let lock = NSLock()
  private var isProven = false
  private var badCount = 0
  private var lastReason = ""
  private var extra: Set<String> = []

  /// Notes the end of a start.
  func note(isGood: Bool, _ reason: String) {
    lock.withLock {
      if isGood { isProven = true } else { (badCount, lastReason) = (badCount + 1, reason) }
    }
  }

  /// Notes cases that a program recorded without having been given them.
  func note(extra names: Set<String>) { lock.withLock { extra.formUnion(names) } }

  /// Why the program is not started any more, for it never did anything right; nil where it is.
  var reasonToGiveUp: String? {
    lock.withLock {
      isProven || badCount < Self.limit
        ? nil : "not run: the program failed \(badCount) times in a row; the last time: \(lastReason)"
    }
  }

  /// Problems apart from the cases.
  var problems: [String] {
    lock.withLock {
      extra.min().map { ["the program recorded \(extra.count) cases that it was not given, such as '\($0)'"] } ?? []
    }
  }
}
