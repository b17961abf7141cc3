import Files
import Foundation
import Goldens

/// Cases that are given to a program together, so that one start serves them all.
///
/// Verdicts rest only on starts that end well. After a bad start, its cases are tried again in smaller batches, down to
/// single cases, so that a case that ends the program affects no other.
final class CommandBatch: @unchecked Sendable {
  /// The outcome of one case.
  enum Outcome {
    /// The outputs of each run; they exist as long as the folder does.
    case outputs([RecordedOutputs], ScratchFolder)
    case failed(reason: String)
  }

  private let names: [String]
  private let start: CommandStart
  private let history: CommandHistory

  // The lock guards the properties below, and is held while the program runs.
  private let lock = NSLock()
  /// The outcomes not requested yet; nil before the first start.
  private var outcomes: [String: Outcome]?

  /// `history` is that of all batches of the program.
  init(_ names: [String], start: CommandStart, history: CommandHistory) {
    self.names = names
    self.start = start
    self.history = history
  }

  /// The outcome of one of the cases.
  ///
  /// If asked for again, the case is run again, alone.
  ///
  /// - Throws: if goldens cannot be read or inputs cannot be written.
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
    // A stack: the next batch is the last element.
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
        history.note(extra: recorded.subtracting(start.library.recordedNames(of: batch)))
        for name in taken { outcomes[name] = .outputs(runs, scratch) }
        if taken.count < batch.count { rest = Self.parts(of: batch, without: Set(taken)) }
      case .failed(let reason, let recorded):
        history.note(isGood: false, reason)
        if batch.count == 1 {
          outcomes[batch[0]] = .failed(reason: reason)
        } else {
          let there = batch.filter(recorded.contains)
          rest = (there.isEmpty ? [] : [there]) + Self.parts(of: batch, without: Set(there))
          // All cases are recorded, so the program failed after the last one.
          if there.count == batch.count { rest = Self.halves(batch) }
        }
      }
      waiting += rest.reversed()
    }
    return outcomes
  }

  /// Splits a batch into those to try again.
  ///
  /// A program that writes case by case ended at the first missing case; if it wrote none, any case may be the cause.
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

/// The record of a program's starts so far.
final class CommandHistory: @unchecked Sendable {
  /// The number of failed starts after which a program that has never succeeded is given up: enough to halve the
  /// largest batch down to single cases, and to try several of these.
  private static let limit = 32

  private let lock = NSLock()
  private var isProven = false
  private var badCount = 0
  private var lastReason = ""
  private var extra: Set<String> = []

  /// Notes how a start ended.
  func note(isGood: Bool, _ reason: String) {
    lock.withLock {
      if isGood { isProven = true } else { (badCount, lastReason) = (badCount + 1, reason) }
    }
  }

  /// Notes cases that a program recorded without having been given them.
  func note(extra names: Set<String>) { lock.withLock { extra.formUnion(names) } }

  /// The reason to start the program no more: it has never succeeded.
  ///
  /// Nil while it is still worth starting.
  var reasonToGiveUp: String? {
    lock.withLock {
      isProven || badCount < Self.limit
        ? nil : "not run: the program failed \(badCount) times in a row; the last time: \(lastReason)"
    }
  }

  /// Problems that belong to no case.
  var problems: [String] {
    lock.withLock {
      extra.min().map { ["the program recorded \(extra.count) cases that it was not given, such as '\($0)'"] } ?? []
    }
  }
}
