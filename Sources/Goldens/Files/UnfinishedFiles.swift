import Foundation
import Synchronization

/// Files and folders that are not complete yet, none of which is to outlive the work on them.
public final class UnfinishedFiles: Sendable {
  /// Those of this process.
  public static let shared = UnfinishedFiles()

  private let paths = Mutex(Set<String>())

  /// Takes note of a path before something is written there.
  func add(_ path: String) { paths.withLock { _ = $0.insert(path) } }

  /// Removes what is at some paths.
  func remove(_ finished: [String]) {
    paths.withLock { paths in
      for path in finished {
        try? FileManager.default.removeItem(atPath: path)
        paths.remove(path)
      }
    }
  }

  /// Does something that must not be half done when the process is interrupted.
  func withoutInterruption<Value>(_ work: () throws -> Value) rethrows -> Value {
    try paths.withLock { _ in try work() }
  }

  /// Has everything unfinished removed when the process is interrupted or told to end, before it ends of that.
  ///
  /// - Returns: what does it for as long as it is kept.
  public func removeWhenInterrupted() -> some Sendable {
    Interruption([SIGINT, SIGTERM]) { [self] number in
      // The lock is never given back: nothing may begin now.
      paths.withLock { paths in
        for path in paths { try? FileManager.default.removeItem(atPath: path) }
        // Threads of Dispatch block signals, and the main thread may have ended.
        var set = sigset_t()
        sigemptyset(&set)
        sigaddset(&set, number)
        pthread_sigmask(SIG_UNBLOCK, &set, nil)
        signal(number, SIG_DFL)
        raise(number)
      }
    }
  }
}

/// Handlers of signals, on a queue, where more is allowed than in the handler of the system.
private final class Interruption: @unchecked Sendable {
  private let sources: [any DispatchSourceSignal]

  init(_ numbers: [Int32], _ handle: @escaping @Sendable (Int32) -> Void) {
    // One of its own gets a thread even where all cores are at work.
    let queue = DispatchQueue(label: "interruption")
    sources = numbers.map { number in
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
      source.setEventHandler { handle(number) }
      source.activate()
      return source
    }
  }
}
