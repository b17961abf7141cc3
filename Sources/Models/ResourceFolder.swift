import Foundation
import Installation

/// The folder of the bundled config files.
///
/// `Bundle.module` ends the process if it does not find it, and does not look beside a library that another program
/// loads.
enum ResourceFolder {
  /// The bytes of a file.
  ///
  /// - Throws: ``ModelConfigError/unreadable(file:reason:)``.
  static func data(of file: String) throws(ModelConfigError) -> Data {
    for folder in candidates {
      if let data = FileManager.default.contents(atPath: "\(folder)/\(file)") { return data }
    }
    let folders = candidates.joined(separator: ", ")
    throw .unreadable(file: file, reason: "it is in none of the folders \(folders): install the program whole")
  }

  /// What SwiftPM puts beside a program and where Xcode does, then the sources.
  private static let candidates =
    ["rope-conformance_Models.resources", "rope-conformance_Models.bundle"].compactMap { bundle in
      Installation.folder.map { "\($0)/\(bundle)/Resources" }
    } + [URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Resources").path]
}
