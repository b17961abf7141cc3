import Foundation
import Synchronization

/// Files and folders that are not complete yet, and are removed if the work on them is interrupted.
package final class UnfinishedFiles: Sendable {
  /// The unfinished files of this process.
  package static let shared = UnfinishedFiles()

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

  /// Removes everything unfinished when the process is interrupted or terminated, before it ends.
  ///
  /// - Returns: an object that does so for as long as it is kept.
  package func removeWhenInterrupted() -> some Sendable {
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

/// Keeps two generations from writing the same files at once. The system frees it with the process that holds it.
struct FolderLock {
  private let descriptor: Int32

  /// Locks a folder that exists.
  ///
  /// - Throws: ``GoldenError/unwritable(path:reason:)`` where another process holds the lock.
  init(_ folder: String) throws(GoldenError) {
    descriptor = open(folder, O_RDONLY)
    guard descriptor >= 0 else { throw .unwritable(path: folder, reason: String(cString: strerror(errno))) }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      close(descriptor)
      throw .unwritable(path: folder, reason: "another process is generating into it; wait for it to end")
    }
  }

  func release() { close(descriptor) }
}
