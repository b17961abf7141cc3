import Foundation

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
        ? nil : "not tried, for \(badCount) starts on other cases were of no use; the last: \(lastReason)"
    }
  }

  /// What is wrong beside the cases.
  var problems: [String] {
    lock.withLock {
      extra.min().map { ["the program recorded \(extra.count) cases that it was not given, such as '\($0)'"] } ?? []
    }
  }
}
