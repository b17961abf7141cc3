import Foundation

/// An empty folder, removed with everything in it when the value goes out of scope.
package struct TemporaryFolder: ~Copyable {
  package let url: URL

  package var path: String { url.path }

  package init() throws { url = try Self.make(in: FileManager.default.temporaryDirectory) }

  deinit { try? FileManager.default.removeItem(at: url) }

  /// The path of a folder that is removed when the process ends, for files that many tests share.
  package static func untilExit() throws -> String { try make(in: shared).path }

  private static let shared = {
    atexit { try? FileManager.default.removeItem(at: TemporaryFolder.sharedURL) }
    return sharedURL
  }()

  private static let sharedURL = FileManager.default.temporaryDirectory.appending(path: "rope-tests-\(getpid())")

  private static func make(in parent: URL) throws -> URL {
    let folder = parent.appending(path: "rope-test-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    return folder
  }

  /// The path of a file or folder in it.
  package func path(_ name: String) -> String { url.appending(path: name).path }

  /// The names in it or in a folder of it, sorted; none if there is no such folder.
  package func names(in folder: String = "") -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: "\(path)/\(folder)")) ?? []).sorted()
  }

  /// The bytes of a file.
  package func bytes(_ name: String) throws -> Data { try Data(contentsOf: url.appending(path: name)) }

  /// Writes a file and returns its path.
  @discardableResult package func write(_ bytes: some Sequence<UInt8>, to name: String) throws -> String {
    try Data(bytes).write(to: url.appending(path: name))
    return path(name)
  }
}
