import Foundation
import Synchronization

/// The temporary files and folders of this process; they are removed if it is interrupted.
package final class UnfinishedFiles: Sendable {
  package static let shared = UnfinishedFiles()

  private let paths = Mutex(Set<String>())

  /// Registers a path, then makes something there; not while the process is being interrupted.
  func add<Made, Failure: Error>(_ path: String, _ make: () throws(Failure) -> Made) throws(Failure) -> Made {
    try paths.withLock { paths throws(Failure) in
      paths.insert(path)
      return try make()
    }
  }

  /// Forgets a path at which nothing was made.
  func forget(_ path: String) { paths.withLock { _ = $0.remove(path) } }

  /// Removes what is at a path, unless it was forgotten.
  func remove(_ path: String) {
    paths.withLock { paths in
      if paths.remove(path) != nil { try? FileManager.default.removeItem(atPath: path) }
    }
  }

  /// Does work that must not be left half done when the process is interrupted, and forgets what it finishes.
  func finish(_ work: (_ forget: (String) -> Void) throws(FileError) -> Void) throws(FileError) {
    try paths.withLock { paths throws(FileError) in try work { paths.remove($0) } }
  }

  /// From now on, removes everything unfinished before a signal ends the process.
  ///
  /// A file that is larger than the system allows makes writing fail instead of ending the process. Programs that this
  /// process starts have the system's own handling of signals.
  package static func removeWhenInterrupted() { _ = interruption }

  private static let interruption: Void = {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { return }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    signalPipe.store(ends[1], ordering: .sequentiallyConsistent)
    let reading = ends[0]
    Thread.detachNewThread {
      var number: UInt8 = 0
      while read(reading, &number, 1) < 0, errno == EINTR {}
      shared.end(by: Int32(number))
    }
    var handled = sigset_t()
    sigemptyset(&handled)
    for number in [SIGINT, SIGTERM, SIGHUP, SIGPIPE] {
      // Whoever started this process with a signal ignored, as nohup does, wants it ignored.
      var action = sigaction()
      guard sigaction(number, nil, &action) == 0, !action.isIgnored else { continue }
      sigaddset(&handled, number)
      if number == SIGPIPE { endsByBrokenPipe.store(true, ordering: .relaxed) }
      signal(number) { number in
        var byte = UInt8(truncatingIfNeeded: number)
        _ = Foundation.write(signalPipe.load(ordering: .relaxed), &byte, 1)
      }
    }
    signal(SIGXFSZ) { _ in }
    // A thread that blocks signals may have started this process, which inherits that.
    pthread_sigmask(SIG_UNBLOCK, &handled, nil)
  }()

  /// Waits for the end of a process that wrote into a pipe which nobody reads, and that is ended by the signal for that;
  /// returns if it is not.
  static func awaitEndByBrokenPipe() {
    while endsByBrokenPipe.load(ordering: .relaxed) { pause() }
  }

  /// Removes everything, and ends the process by a signal.
  private func end(by number: Int32) {
    // The lock is never released, because nothing new may begin now.
    paths.withLock { paths in
      for path in paths { try? FileManager.default.removeItem(atPath: path) }
      signal(number, SIG_DFL)
      var set = sigset_t()
      sigemptyset(&set)
      sigaddset(&set, number)
      pthread_sigmask(SIG_UNBLOCK, &set, nil)
      kill(getpid(), number)
      // Another thread may take the signal.
      while true { pause() }
    }
  }
}

private let endsByBrokenPipe = Atomic(false)

/// The end of the pipe through which the handler of a signal tells its number.
private let signalPipe = Atomic<Int32>(-1)

extension sigaction {
  fileprivate var isIgnored: Bool {
    #if canImport(Darwin)
      unsafeBitCast(__sigaction_u.__sa_handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
    #else
      unsafeBitCast(__sigaction_handler.sa_handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
    #endif
  }
}
