import Foundation

/// A file that is written whole or not at all.
package struct AtomicFile: Sendable {
  /// The path as it was given.
  package let path: String
  private let target: String
  private var temporary: String { "\(target).\(ProcessInfo.processInfo.processIdentifier).tmp" }

  /// Checks that a file can be written, and leaves nothing behind.
  ///
  /// - Throws: ``ReportError/unwritable(path:reason:)``.
  package init(_ path: String) throws(ReportError) {
    self.path = path
    // A symbolic link is kept, and its target is replaced.
    target = Self.resolved(path)
    var status = stat()
    if stat(target, &status) == 0, status.st_mode & S_IFMT != S_IFREG {
      throw .unwritable(path: path, reason: "it is not a regular file")
    }
    guard FileManager.default.createFile(atPath: temporary, contents: nil), unlink(temporary) == 0 else {
      throw .unwritable(path: path, reason: String(cString: strerror(errno)))
    }
  }

  /// Writes a temporary file in the same folder, then replaces the file with it.
  ///
  /// - Throws: ``ReportError/unwritable(path:reason:)``.
  package func write(_ text: String) throws(ReportError) {
    do {
      try Data(text.utf8).write(to: URL(fileURLWithPath: temporary))
    } catch {
      unlink(temporary)
      throw .unwritable(path: path, reason: error.localizedDescription)
    }
    guard rename(temporary, target) == 0 else {
      let reason = String(cString: strerror(errno))
      unlink(temporary)
      throw .unwritable(path: path, reason: reason)
    }
  }

  /// Writes what the file had, if it exists, and a text after it.
  ///
  /// - Throws: ``ReportError/unwritable(path:reason:)``, also if the file exists but is not text that can be read.
  package func append(_ text: String) throws(ReportError) {
    guard FileManager.default.fileExists(atPath: target) else { return try write(text) }
    let before: String
    do {
      before = try String(contentsOf: URL(fileURLWithPath: target), encoding: .utf8)
    } catch {
      throw .unwritable(path: path, reason: error.localizedDescription)
    }
    try write(before + (before.isEmpty || before.hasSuffix("\n") ? "" : "\n") + text)
  }

  /// Checks that no two options name the same file, even by different paths.
  ///
  /// - Parameter paths: the options with their paths; nil for an option that was not given.
  /// - Throws: ``ReportError/samePath(path:options:)``.
  package static func checkDistinct(_ paths: [(option: String, path: String?)]) throws(ReportError) {
    var owners: [String: String] = [:]
    for case (let option, let path?) in paths {
      if let other = owners.updateValue(option, forKey: resolved(path)) {
        throw .samePath(path: path, options: [other, option])
      }
    }
  }

  /// The path without symbolic links; if the file does not exist yet, only its folder is resolved.
  private static func resolved(_ path: String) -> String {
    let url = URL(fileURLWithPath: path).resolvingSymlinksInPath().standardizedFileURL
    return url.deletingLastPathComponent().resolvingSymlinksInPath().appendingPathComponent(url.lastPathComponent).path
  }
}
