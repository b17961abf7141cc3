import Files
import Foundation

/// A lock that keeps two processes from generating the same files at once.
///
/// The system frees it with its process.
struct FolderLock {
  private let descriptor: Int32

  /// Locks a folder that exists.
  ///
  /// - Throws: `FileError` if another process holds the lock.
  init(_ folder: String) throws(FileError) {
    descriptor = open(folder, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .unwritable(path: folder, reason: systemReason()) }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      close(descriptor)
      throw .unwritable(path: folder, reason: "another process is generating into it; wait for it to end")
    }
  }

  func release() { close(descriptor) }
}
