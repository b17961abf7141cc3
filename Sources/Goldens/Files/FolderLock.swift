import Foundation

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
