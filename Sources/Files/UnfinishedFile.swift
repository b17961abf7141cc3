import Foundation

/// A file that is being written under a temporary name in the folder of the file that it will replace.
///
/// It is removed if it is released before it replaced that file, or if the process is interrupted. What a killed process
/// left is removed when the same file is written again.
package final class UnfinishedFile: Sendable {
  /// Where to write.
  package let path: String
  private let target: String
  private let descriptor: Int32

  /// Creates an empty file, with the permissions of the one that it will replace.
  ///
  /// - Throws: ``FileError/unwritable(path:reason:)``, also if something other than a regular file is at `target`.
  package init(replacing target: String) throws(FileError) {
    var status = stat()
    let isThere = stat(target, &status) == 0
    if isThere, let reason = status.reasonNotRegular {
      throw .unwritable(path: target, reason: reason)
    }
    let url = URL(fileURLWithPath: target)
    Claim.removeAbandoned(in: url.deletingLastPathComponent().path, prefix: "\(url.lastPathComponent).", suffix: ".tmp")
    self.target = target
    (path, descriptor) = try Claim.make(prefix: "\(target).", suffix: ".tmp") { path throws(FileError) in
      // Not through a link that someone else made, and not into their file.
      let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o666)
      guard descriptor >= 0 else { throw .unwritable(path: target, reason: systemReason()) }
      if isThere { fchmod(descriptor, status.st_mode & 0o777) }
      return descriptor
    }
  }

  deinit {
    UnfinishedFiles.shared.remove(path)
    close(descriptor)
  }

  /// Appends bytes.
  ///
  /// - Throws: ``FileError/unwritable(path:reason:)``.
  package func write(_ bytes: Data) throws(FileError) { try descriptor.write(bytes, to: target) }

  /// Replaces the file with this one, in one step.
  ///
  /// - Throws: ``FileError/unwritable(path:reason:)``.
  package func replace() throws(FileError) { try Self.replaceAll([self]) }

  /// Replaces each file with a new one; an interruption waits until all are replaced.
  ///
  /// - Throws: ``FileError/unwritable(path:reason:)``.
  package static func replaceAll(_ files: [UnfinishedFile]) throws(FileError) {
    try UnfinishedFiles.shared.finish { forget throws(FileError) in
      for file in files {
        guard rename(file.path, file.target) == 0 else {
          throw .unwritable(path: file.target, reason: systemReason())
        }
        forget(file.path)
      }
    }
  }
}
