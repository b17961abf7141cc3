import Files
import Foundation

/// The folder for what this package keeps between its runs: anything in it may be removed at any time.
package enum CacheFolder {
  /// `$XDG_CACHE_HOME/rope-conformance`, or `~/.cache/rope-conformance`.
  package static func ofThisUser(
    environment: [String: String] = ProcessInfo.processInfo.environment
  ) -> URL {
    let cache = environment["XDG_CACHE_HOME"].flatMap { path in
      // The standard says that a relative path is to be ignored.
      path.hasPrefix("/") ? URL(filePath: path) : nil
    }
    let home = FileManager.default.homeDirectoryForCurrentUser.appending(path: ".cache")
    return (cache ?? home).appending(path: "rope-conformance")
  }

  /// Writes a file and its folder, or nothing: the file appears by a rename, so that several processes may write it.
  ///
  /// - Throws: `FileError`.
  package static func write(_ bytes: Data, to file: URL) throws {
    try Folder.makeAll(file.deletingLastPathComponent().path)
    try AtomicFile(file.path).write(bytes)
  }
}
