import Foundation

/// The moment at which waiting ends.
package struct Deadline: Sendable {
  private let moment: ContinuousClock.Instant?

  /// Sets a deadline a number of seconds from now.
  package init(after seconds: Double) { moment = .now + .seconds(seconds) }

  private init() { moment = nil }

  /// A deadline that never passes.
  package static let never = Deadline()

  /// Waits until a descriptor is ready for reading, or for writing.
  ///
  /// - Returns: true if it is ready; false if the deadline passed.
  func wait(for descriptor: Int32, toWrite: Bool = false) -> Bool {
    var entry = pollfd(fd: descriptor, events: Int16(toWrite ? POLLOUT : POLLIN), revents: 0)
    while true {
      let count = poll(&entry, 1, milliseconds)
      if count > 0 { return true }
      if count == 0, milliseconds == 0 { return false }
      // It counts as ready, because reading or writing will report the error.
      if count < 0, errno != EINTR { return true }
    }
  }

  /// The remaining time, rounded up, in the form that `poll` takes; −1 for ever.
  private var milliseconds: Int32 {
    guard let moment else { return -1 }
    let left = (moment - .now) / .milliseconds(1)
    return Int32(min(max(left.rounded(.up), 0), 1e9))
  }
}
