import Foundation

/// A folder for temporary files, readable by this user alone.
///
/// It is removed, with its contents, when it is released or the process is interrupted. What a killed process left is
/// removed when the next one makes such a folder.
package final class ScratchFolder: Sendable {
  package let path: String
  private let descriptor: Int32

  private static let prefix = "rope-conformance-"

  /// The folder of all temporary files.
  private static var parent: String {
    let named = ProcessInfo.processInfo.environment["TMPDIR"] ?? ""
    return named.isEmpty ? "/tmp" : named
  }

  /// Makes an empty folder.
  ///
  /// - Throws: ``FileError/unwritable(path:reason:)``.
  package init() throws(FileError) {
    Self.removeAbandoned()
    do {
      (path, descriptor) = try Claim.make(prefix: "\(Self.parent)/\(Self.prefix)") { path throws(FileError) in
        try Folder.make(path)
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else {
          if errno == ENOENT { return -1 }
          let reason = systemReason()
          rmdir(path)
          throw .unwritable(path: path, reason: reason)
        }
        return descriptor
      }
    } catch {
      throw .unwritable(path: Self.parent, reason: "\(error.reason); TMPDIR names the folder for temporary files")
    }
  }

  deinit {
    UnfinishedFiles.shared.remove(path)
    close(descriptor)
  }

  /// Makes a new folder inside it.
  ///
  /// - Throws: ``FileError/unwritable(path:reason:)``.
  package func folder(_ name: String) throws(FileError) -> String {
    try Folder.make("\(path)/\(name)")
    return "\(path)/\(name)"
  }

  /// Removes folders that killed processes of this user left.
  package static func removeAbandoned() { Claim.removeAbandoned(in: parent, prefix: prefix) }
}

package enum Folder {
  /// Makes a folder that only this user can read.
  static func make(_ path: String) throws(FileError) {
    guard mkdir(path, 0o700) == 0 else { throw .unwritable(path: path, reason: systemReason()) }
  }

  /// Makes a folder and those above it, where they are missing.
  ///
  /// - Throws: ``FileError/unwritable(path:reason:)``.
  package static func makeAll(_ path: String) throws(FileError) {
    let names = path.split(separator: "/")
    for end in names.indices {
      let part = (path.hasPrefix("/") ? "/" : "") + names[...end].joined(separator: "/")
      if mkdir(part, 0o777) == 0 { continue }
      let reason = systemReason()
      var status = stat()
      let isThere = stat(part, &status) == 0
      guard isThere, status.st_mode & S_IFMT == S_IFDIR else {
        throw .unwritable(path: path, reason: isThere ? "'\(part.visible)' is not a folder" : reason)
      }
    }
  }
}
