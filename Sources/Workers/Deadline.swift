import Foundation

/// A moment until which something is waited for.
package struct Deadline: Sendable {
  private let moment: ContinuousClock.Instant?

  /// So many seconds from now.
  package init(after seconds: Double) { moment = .now + .seconds(seconds) }

  private init() { moment = nil }

  /// Never.
  package static let never = Deadline()

  /// Waits until a descriptor is ready for reading, or for writing.
  ///
  /// - Returns: whether it is; false where the deadline passed.
  func wait(for descriptor: Int32, toWrite: Bool = false) -> Bool {
    var entry = pollfd(fd: descriptor, events: Int16(toWrite ? POLLOUT : POLLIN), revents: 0)
    while true {
      let count = poll(&entry, 1, milliseconds)
      if count > 0 { return true }
      if count == 0, milliseconds == 0 { return false }
      // Ready with an error, which reading and writing report.
      if count < 0, errno != EINTR { return true }
    }
  }

  /// What is left, rounded up, as `poll` wants it; −1 for ever.
  private var milliseconds: Int32 {
    guard let moment else { return -1 }
    let left = (moment - .now) / .milliseconds(1)
    return Int32(min(max(left.rounded(.up), 0), 1e9))
  }
}
