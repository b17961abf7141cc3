import Foundation

/// A file that is written whole or not at all.
package struct AtomicFile: Sendable {
  /// The path as it was given.
  package let path: String
  /// The file itself: a symbolic link is kept, and its target is replaced.
  private let target: String

  /// The largest file that ``append(_:)`` extends, in bytes.
  private static let largestCount = 1 << 30

  /// Checks that a file can be written, and leaves nothing behind.
  ///
  /// - Throws: ``FileError/unwritable(path:reason:)``.
  package init(_ path: String) throws(FileError) {
    self.path = path
    guard !path.hasSuffix("/") else { throw .unwritable(path: path, reason: "it is the name of a folder") }
    target = path.withoutLinks
    _ = try unfinished()
  }

  /// Writes a temporary file in the same folder, then replaces the file with it.
  ///
  /// - Throws: ``FileError/unwritable(path:reason:)``.
  package func write(_ bytes: Data) throws(FileError) {
    let file = try unfinished()
    do {
      try file.write(bytes)
      try file.replace()
    } catch {
      throw .unwritable(path: path, reason: error.reason)
    }
  }

  /// Writes what the file had, if it exists, and a text after it.
  ///
  /// - Throws: ``FileError``, also if the file exists but is not text that can be read.
  package func append(_ text: String) throws(FileError) {
    guard access(target, F_OK) == 0 else { return try write(Data(text.utf8)) }
    var bytes: Data
    do {
      bytes = try InputFile.bytes(of: target, limit: Self.largestCount)
    } catch {
      throw .unwritable(path: path, reason: "what it has cannot be kept: \(error.reason)")
    }
    guard String(validating: bytes, as: UTF8.self) != nil else {
      throw .unwritable(path: path, reason: "it has something other than text in UTF-8, which would be kept")
    }
    if let last = bytes.last, last != UInt8(ascii: "\n") { bytes.append(UInt8(ascii: "\n")) }
    try write(bytes + Data(text.utf8))
  }

  private func unfinished() throws(FileError) -> UnfinishedFile {
    do {
      return try UnfinishedFile(replacing: target)
    } catch {
      throw .unwritable(path: path, reason: error.reason)
    }
  }
}
