import Foundation
import TestSupport
import Testing

/// Compiles plug-ins, with the compiler that the examples need too.
enum PluginCompiler {
  /// Shared by all tests.
  private static let folder = Result { try TemporaryFolder.untilExit() }

  /// Compiles a source in C, and returns the path of the shared library.
  static func library(_ source: String, name: String, flags: [String] = []) throws -> String {
    let folder = try folder.get(), file = "\(folder)/\(name).c", library = "\(folder)/lib\(name).so"
    try Data(source.utf8).write(to: URL(filePath: file))
    try compile(
      ["cc", "-O1", "-w", "-shared", "-fPIC", "-pthread"] + flags + [
        "-I", packageRoot.appending(path: "Sources/CRoPEBackend/include").path, "-I",
        packageRoot.appending(path: "examples/c-plug-in").path, "-o", library, file, "-lm",
      ])
    return library
  }

  /// Runs a compiler, which must print nothing.
  static func compile(_ words: [String]) throws {
    let outcome = try Program.run("/usr/bin/env", words)
    try #require(outcome.status == 0 && outcome.text.isEmpty, "\(words.joined(separator: " ")): \(outcome.text)")
  }
}
