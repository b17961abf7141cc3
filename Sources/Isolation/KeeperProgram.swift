import Foundation

/// The executable that keeps child processes: `rope-conformance`, which lies beside every program that is built with it.
public enum KeeperProgram {
  /// Its path: this executable, or the one beside it where tests run.
  ///
  /// - Throws: ``IsolationError/noKeeper(folder:)``.
  public static func path() throws(IsolationError) -> String {
    var folder = executable.deletingLastPathComponent()
    // On macOS, tests run from a bundle in that folder.
    while folder.pathExtension == "xctest" || ["MacOS", "Contents"].contains(folder.lastPathComponent) {
      folder.deleteLastPathComponent()
    }
    let path = folder.appending(path: "rope-conformance").path
    guard FileManager.default.isExecutableFile(atPath: path) else { throw .noKeeper(folder: folder.path) }
    return path
  }

  private static var executable: URL {
    #if os(Linux)
      // The name that this process was started by need not be a path.
      if let path = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") {
        return URL(filePath: path)
      }
    #endif
    return URL(filePath: Bundle.main.executablePath ?? CommandLine.arguments[0])
  }
}
