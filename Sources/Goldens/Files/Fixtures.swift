import Foundation
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
  /// Files whose checksum has been verified, once each.
  private let checked = Mutex(Set<String>())

  /// Opens a folder.
  ///
  /// - Throws: ``GoldenError`` if there is no manifest, it cannot be read, or it has another version.
  package init(path: String) throws(GoldenError) {
    self.path = path
    let file = "\(path)/\(Manifest.fileName)"
    let bytes: Data
    do {
      bytes = try Data(contentsOf: URL(fileURLWithPath: file))
    } catch {
      throw .manifest(path: file, reason: "it cannot be read: \(error.localizedDescription)")
    }
    checksum = SHA256.hexadecimal(of: bytes)
    struct Version: Decodable {
      let format_version: Int
    }
    do {
      let version = try JSONDecoder().decode(Version.self, from: bytes).format_version
      try GoldenFormat.check(version: version, of: file)
      manifest = try JSONDecoder().decode(Manifest.self, from: bytes)
      // A name with a slash could lead out of the folder.
      if let name = manifest.files.map(\.name).first(where: { !$0.hasSuffix(".h5") || $0.contains("/") }) {
        throw GoldenError.manifest(path: file, reason: "'\(name)' is not the name of an .h5 file in the same folder")
      }
    } catch let error as GoldenError {
      throw error
    } catch {
      throw .manifest(path: file, reason: "it is not a manifest: \(error)")
    }
  }

  /// The golden of a case; the file's checksum is checked first.
  ///
  /// - Throws: ``GoldenError`` or `HDF5Error`, if the file is missing, damaged or malformed.
  package func golden(named name: String) throws -> Golden {
    try GoldenReader.read(caseNamed: name, from: file(ofCase: name))
  }

  /// A case without its tensors.
  ///
  /// - Throws: as ``golden(named:)``.
  package func goldenCase(named name: String) throws -> Case {
    try GoldenReader.goldenCase(named: name, from: file(ofCase: name))
  }

  /// The path of the file that has a case, after a check of its checksum.
  private func file(ofCase name: String) throws -> String {
    guard let file = manifest.files.first(where: { $0.cases.contains { $0.name == name } }) else {
      throw GoldenError.unknownCase(name: name, known: manifest.cases.map(\.name))
    }
    try check(file)
    return "\(path)/\(file.name)"
  }

  private func check(_ file: Manifest.File) throws(GoldenError) {
    guard !checked.withLock({ $0.contains(file.name) }) else { return }
    let found = try Self.sha256(ofFile: "\(path)/\(file.name)")
    guard found == file.sha256 else {
      throw .checksum(path: "\(path)/\(file.name)", expected: file.sha256, found: found)
    }
    _ = checked.withLock { $0.insert(file.name) }
  }

  /// The SHA-256 of a file in lowercase hexadecimal.
  static func sha256(ofFile path: String) throws(GoldenError) -> String {
    do {
      let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
      defer { try? file.close() }
      // The file is read in pieces, because it may be larger than memory.
      var hash = SHA256()
      while let bytes = try file.read(upToCount: 1 << 20), !bytes.isEmpty { hash.update(bytes) }
      return hash.hexadecimal()
    } catch {
      throw .unreadable(path: path, reason: error.localizedDescription)
    }
  }
}
