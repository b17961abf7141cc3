import Files
import Foundation
import HDF5
import SHA256
import Synchronization

/// A folder of golden files with its manifest.
package final class Fixtures: Sendable {
  /// The folder.
  package let path: String
  /// The list of its files and cases.
  package let manifest: Manifest
  /// The SHA-256 of the manifest's bytes, in lowercase hexadecimal; folders that share it hold the same goldens.
  package let checksum: String
  /// The files that were read last.
  private let kept = Mutex<[(name: String, file: GoldenFile)]>([])

  /// Opens a folder.
  ///
  /// - Throws: ``GoldenError`` if there is no manifest, it cannot be read, or it has another version.
  package init(path: String) throws(GoldenError) {
    self.path = path
    let file = "\(path)/\(Manifest.fileName)"
    let bytes: Data
    do {
      bytes = try InputFile.bytes(of: file, limit: Manifest.largestCount)
    } catch {
      throw .manifest(path: file, reason: "it cannot be read: \(error.reason)")
    }
    checksum = SHA256.hexadecimal(of: bytes)
    struct Version: Decodable {
      let format_version: Int
    }
    do {
      let version = try JSONDecoder().decode(Version.self, from: bytes).format_version
      try GoldenFormat.check(version: version, of: file)
      manifest = try JSONDecoder().decode(Manifest.self, from: bytes)
      try manifest.check(path: file)
    } catch let error as GoldenError {
      throw error
    } catch let error as DecodingError {
      throw .manifest(path: file, reason: "it is not a manifest: \(error.words)")
    } catch {
      throw .manifest(path: file, reason: "it is not a manifest")
    }
  }

  /// The golden of a case, read from the bytes whose checksum the manifest has.
  ///
  /// - Throws: ``GoldenError`` or `HDF5Error`, if the file is missing, damaged or malformed.
  package func golden(named name: String) throws -> Golden {
    try GoldenReader.read(caseNamed: name, in: file(ofCase: name).file)
  }

  /// A case without its tensors.
  ///
  /// - Throws: as ``golden(named:)``.
  package func goldenCase(named name: String) throws -> Case {
    try GoldenReader.goldenCase(named: name, in: file(ofCase: name).file)
  }

  /// The file that has a case.
  private func file(ofCase name: String) throws -> GoldenFile {
    guard let file = manifest.files.first(where: { $0.cases.contains { $0.name == name } }) else {
      throw GoldenError.unknownCase(name: name, known: manifest.cases.map(\.name))
    }
    return try opened(file)
  }

  /// A file of the folder, checked and kept in memory with the last others.
  ///
  /// - Throws: ``GoldenError`` or `HDF5Error`.
  func opened(_ file: Manifest.File) throws -> GoldenFile {
    // Cases run in the order of their files, many at once: one of them reads the file, and the others wait for it.
    try kept.withLock { kept in
      if let known = kept.first(where: { $0.name == file.name }) { return known.file }
      let opened = try GoldenFile(file, in: path)
      kept.append((file.name, opened))
      while kept.count > 1, kept.reduce(0, { $0 + $1.file.byteCount }) > Self.keptByteCount { kept.removeFirst() }
      return opened
    }
  }

  /// The bytes of files that are kept; the last file is kept whatever its size.
  private static let keptByteCount = 64 << 20
}

/// A golden file whose bytes are those of the manifest, whatever happens to it on disk.
final class GoldenFile: Sendable {
  let file: File
  let byteCount: Int

  /// Reads a file of a folder and checks its size and checksum.
  ///
  /// - Throws: ``GoldenError`` or `HDF5Error`.
  init(_ entry: Manifest.File, in folder: String) throws {
    let path = "\(folder)/\(entry.name)"
    byteCount = entry.byteCount
    let bytes: [UInt8]
    do {
      // One byte more shows that the file has another size; far more are not read.
      bytes = try InputFile.array(of: path, limit: entry.byteCount + 1)
    } catch {
      throw GoldenError.unreadable(path: path, reason: error.reason)
    }
    guard bytes.count == entry.byteCount else {
      throw GoldenError.unreadable(
        path: path, reason: "it has \(bytes.count) bytes, but the manifest says \(entry.byteCount)")
    }
    let found = SHA256.hexadecimal(of: bytes)
    guard found == entry.sha256 else { throw GoldenError.checksum(path: path, expected: entry.sha256, found: found) }
    file = try File(image: bytes, path: path)
  }
}
