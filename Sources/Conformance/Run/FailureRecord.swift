import Devices
import Files
import Foundation
import SHA256

/// The cases that failed when one backend last ran them, kept in the user's cache folder for `--last-failed`.
///
/// It is a small JSON file for each backend. A case that was not run again keeps its entry.
package struct FailureRecord: Sendable {
  /// The backend and its device, the same text in every run of it.
  package let backend: String
  private let file: URL

  /// The most bytes of a record.
  private static let largestCount = 1 << 26

  /// What the file holds.
  private struct Content: Codable {
    let backend: String
    let failed: [String]
  }

  /// The record of a backend; the file need not exist.
  package init(of backend: String, in folder: URL = CacheFolder.ofThisUser()) {
    self.backend = backend
    let name = SHA256.hexadecimal(of: backend.utf8).prefix(32)
    file = folder.appending(path: "last-failed").appending(path: "\(name).json")
  }

  /// The names of the cases that failed, sorted.
  ///
  /// - Throws: ``FailureRecordError`` if there is no record, it cannot be read, or nothing failed.
  package func names() throws(FailureRecordError) -> [String] {
    guard FileManager.default.fileExists(atPath: file.path) else { throw .none(backend: backend, path: file.path) }
    let content: Content
    do {
      content = try JSONDecoder().decode(
        Content.self, from: InputFile.bytes(of: file.path, limit: Self.largestCount))
    } catch let error as FileError {
      throw .unreadable(path: file.path, reason: error.reason)
    } catch let error as DecodingError {
      throw .unreadable(path: file.path, reason: error.words)
    } catch {
      throw .unreadable(path: file.path, reason: "it is not a record of failed cases")
    }
    guard !content.failed.isEmpty else { throw .nothingFailed(backend: backend) }
    return content.failed
  }

  /// Enters the cases of a run that finished, and leaves all others as they were.
  ///
  /// Runs of the same backend that end at the same time enter their cases one after the other.
  package func enter(_ report: RunReport) throws {
    try Folder.makeAll(file.deletingLastPathComponent().path)
    let lock = open(file.path + ".lock", O_CREAT | O_RDWR | O_CLOEXEC, 0o644)
    defer { close(lock) }
    guard lock >= 0, flock(lock, LOCK_EX) == 0 else {
      throw FailureRecordError.unwritable(path: file.path, reason: systemReason())
    }
    var failed = Set((try? names()) ?? [])
    failed.subtract(report.cases.map(\.name))
    failed.formUnion(report.failing.map(\.name))
    let content = Content(backend: backend, failed: failed.sorted())
    try CacheFolder.write(JSONEncoder().encode(content), to: file)
  }
}

/// A record of failed cases that is of no use: the backend or the file, and the remedy.
package enum FailureRecordError: Error, Equatable, CustomStringConvertible {
  case none(backend: String, path: String)
  case nothingFailed(backend: String)
  case unreadable(path: String, reason: String)
  case unwritable(path: String, reason: String)

  package var description: String {
    switch self {
    case .none(let backend, let path):
      "--last-failed: no run of the backend '\(backend)' has finished for this user (there is no \(path)): run it once "
        + "without --last-failed"
    case .nothingFailed(let backend):
      "--last-failed: no case failed when the backend '\(backend)' last ran it: run without --last-failed"
    case .unreadable(let path, let reason):
      "--last-failed: '\(path)' cannot be read: \(reason): remove it and run once without --last-failed"
    case .unwritable(let path, let reason): "'\(path)' cannot be written: \(reason)"
    }
  }
}
