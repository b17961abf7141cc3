import Foundation
import Testing

/// Compiles plug-ins, with the compiler that the examples need too.
enum PluginCompiler {
  /// The folder of this package.
  static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  /// Is removed when the tests end.
  private static let folder = {
    atexit { try? FileManager.default.removeItem(at: PluginCompiler.path) }
    return path
  }()

  private static let path = FileManager.default.temporaryDirectory.appending(path: "rope-plug-ins-\(getpid())")

  /// The path of the shared library that a source in C becomes.
  static func library(_ source: String, name: String, flags: [String] = []) throws -> String {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let file = folder.appending(path: "\(name).c"), library = folder.appending(path: "lib\(name).so")
    try Data(source.utf8).write(to: file)
    try compile(
      ["cc", "-O1", "-w", "-shared", "-fPIC", "-pthread"] + flags + [
        "-I", root.appending(path: "Sources/CRoPEBackend/include").path, "-I",
        root.appending(path: "examples/c-plug-in").path, "-o", library.path, file.path, "-lm",
      ])
    return library.path
  }

  /// Runs a compiler, which must say nothing.
  static func compile(_ words: [String]) throws {
    let process = Process(), output = Pipe()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = words
    process.standardError = output
    process.standardOutput = output
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    try #require(process.terminationStatus == 0 && text.isEmpty, "\(words.joined(separator: " ")): \(text)")
  }
}
