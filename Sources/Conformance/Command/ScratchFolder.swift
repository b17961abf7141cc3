import Foundation
import Goldens

/// A folder that is removed, with all that is in it, when nobody holds it any more.
final class ScratchFolder: Sendable {
  let path: String

  /// - Throws: ``GoldenError/unwritable(path:reason:)``.
  init() throws(GoldenError) {
    path = FileManager.default.temporaryDirectory.appending(path: "rope-conformance-\(UUID().uuidString)").path
    try makeFolder(path)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// A new folder in it.
  func folder(_ name: String) throws(GoldenError) -> String {
    try makeFolder("\(path)/\(name)")
    return "\(path)/\(name)"
  }
}

private func makeFolder(_ path: String) throws(GoldenError) {
  do {
    try FileManager.default.createDirectory(
      atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
  } catch {
    throw .unwritable(path: path, reason: error.localizedDescription)
  }
}
