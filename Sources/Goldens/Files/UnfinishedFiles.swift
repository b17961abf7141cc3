import Foundation
import Synchronization

/// Files and folders that are not complete yet; they are removed if the work on them is interrupted.
package final class UnfinishedFiles: Sendable {
  /// The unfinished files of this process.
  package static let shared = UnfinishedFiles()

  private let paths = Mutex(Set<String>())

  /// Registers a path before something is written there.
  func add(_ path: String) { paths.withLock { _ = $0.insert(path) } }

  /// Removes the files and folders at some paths, and forgets the paths.
  func remove(_ finished: [String]) {
    paths.withLock { paths in
      for path in finished {
        try? FileManager.default.removeItem(atPath: path)
        paths.remove(path)
      }
    }
  }

  /// Does work that must not be left half done when the process is interrupted.
  func withoutInterruption<Value>(_ work: () throws -> Value) rethrows -> Value {
    try paths.withLock { _ in try work() }
  }

  /// Removes everything unfinished when the process is interrupted or terminated, before it ends.
  ///
  /// - Returns: an object that does so for as long as it is kept.
  package func removeWhenInterrupted() -> some Sendable {
    Interruption([SIGINT, SIGTERM]) { [self] number in
      // The lock is never released, because nothing new may begin now.
      paths.withLock { paths in
        for path in paths { try? FileManager.default.removeItem(atPath: path) }
        // Dispatch's threads block signals, and the main thread may have ended.
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

/// Signal handlers that run on a queue, where more is allowed than in a handler of the system.
private final class Interruption: @unchecked Sendable {
  private let sources: [any DispatchSourceSignal]

  init(_ numbers: [Int32], _ handle: @escaping @Sendable (Int32) -> Void) {
    // A separate queue gets a thread even if all cores are busy.
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

/// A lock that keeps two processes from generating the same files at once.
///
/// The system frees it with its process.
struct FolderLock {
  private let descriptor: Int32

  /// Locks a folder that exists.
  ///
  /// - Throws: ``GoldenError/unwritable(path:reason:)`` if another process holds the lock.
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
