import Foundation

/// A file of the system, whatever path names it.
private enum FileIdentity: Hashable {
  case existing(device: UInt64, number: UInt64)
  /// A file that is not there yet: its folder, with links followed, and its name.
  case new(path: String)

  init(_ path: String) {
    var status = stat()
    if stat(path, &status) == 0 {
      self = .existing(device: UInt64(truncatingIfNeeded: status.st_dev), number: UInt64(status.st_ino))
    } else {
      self = .new(path: path.withoutLinks)
    }
  }
}

/// The files that a command reads and writes, each with one use.
package struct FileUses {
  private var inputs: [FileIdentity: String] = [:]
  private var outputs: [FileIdentity: String] = [:]

  package init() {}

  /// Notes a file that the command reads; one that is not there has no use.
  package mutating func read(_ path: String, as use: String) {
    let identity = FileIdentity(path)
    if case .existing = identity { inputs[identity] = use }
  }

  /// Notes all files of a folder that the command reads.
  package mutating func read(allIn folder: String, as use: String) {
    for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] {
      read("\(folder)/\(name)", as: use)
    }
  }

  /// Notes a file that the command writes.
  ///
  /// - Throws: ``FileError/sameFile(path:uses:)`` if the command reads it, or writes something else to it.
  package mutating func write(_ path: String, as use: String) throws(FileError) {
    let identity = FileIdentity(path)
    if let other = inputs[identity] ?? outputs[identity] { throw .sameFile(path: path, uses: [other, use]) }
    outputs[identity] = use
  }
}

extension String {
  /// The path without symbolic links; of a file that does not exist yet, only its folder is resolved.
  var withoutLinks: String {
    let url = URL(fileURLWithPath: self).resolvingSymlinksInPath().standardizedFileURL
    return url.deletingLastPathComponent().resolvingSymlinksInPath().appendingPathComponent(url.lastPathComponent).path
  }
}
