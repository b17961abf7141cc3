import Foundation

/// Compiles plug-ins and programs in C, with the compiler that the examples need too.
package enum PluginCompiler {
  /// Shared by all tests.
  private static let folder = Result { try TemporaryFolder.untilExit() }

  /// Compiles a source in C, and returns the path of the shared library.
  package static func library(_ source: String, name: String, flags: [String] = []) throws -> String {
    // Another test may load a library of the same name while this compiles, so it appears as a whole.
    let folder = try folder.get(), library = "\(folder)/lib\(name).so", file = "\(folder)/\(name)-\(UUID()).c"
    try Data(source.utf8).write(to: URL(filePath: file))
    try compile(
      ["cc", "-O1", "-w", "-shared", "-fPIC", "-pthread"] + flags + [
        "-I", packageRoot.appending(path: "Sources/CRoPEBackend/include").path, "-I",
        packageRoot.appending(path: "examples/c-plug-in").path, "-o", "\(file).so", file, "-lm",
      ])
    guard rename("\(file).so", library) == 0 else { throw CocoaError(.fileWriteUnknown) }
    return library
  }

  /// Runs a compiler, which must print nothing.
  package static func compile(_ words: [String]) throws {
    let outcome = try Program.run("/usr/bin/env", words)
    guard outcome.status == 0, outcome.text.isEmpty else {
      throw CompilerFailure(description: "\(words.joined(separator: " ")): \(outcome.text)")
    }
  }
}

private struct CompilerFailure: Error, CustomStringConvertible {
  let description: String
}
