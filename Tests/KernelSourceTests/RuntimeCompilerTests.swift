import Foundation
import TestSupport
import Testing

/// The source compiles without headers, because the run-time compilers have neither the system's nor HIP's.
@Suite(.timeLimit(.minutes(30))) struct RuntimeCompilerTests {
  /// Compiles in a child process, because hiprtc aborts on an architecture that it does not know.
  private static func compile(_ compiler: String, _ arguments: String...) throws -> Program.Outcome {
    let script = packageRoot.appending(path: "Tests/KernelSourceTests/runtime_compile.py").path
    return try Program.run(
      "python3", [script, compiler] + arguments,
      environment: ["PYTHONPATH": Tools.nvrtc.deletingLastPathComponent().path])
  }

  /// Compiles the source, checks that it holds the kernels, and calls back with the code.
  private func compileKernels(_ compiler: String, option: String, _ body: (Data) throws -> Void = { _ in }) throws {
    let folder = try TemporaryFolder()
    let kernels = packageRoot.appending(path: "Kernels"), code = folder.url.appending(path: "code")
    let outcome = try Self.compile(
      compiler, kernels.path, code.path, option)
    #expect(outcome.status == 0, "\(outcome.text)")
    #expect(
      outcome.text.split(separator: "\n").dropFirst() == [
        "position_embeddings_float32", "position_embeddings_float16", "position_embeddings_bfloat16",
      ], "\(outcome.text)")
    try body(Data(contentsOf: code))
  }

  @Test(
    "hiprtc compiles the source as it is",
    .enabled(if: try compile("hiprtc").status == 0, "python3 finds no hiprtc; tools/setup --with-hipcc installs both"))
  func hiprtc() throws {
    try compileKernels("hiprtc", option: "--offload-arch=gfx1030")
  }

  @Test(
    "NVRTC compiles the source as it is",
    .enabled(
      if: try compile("nvrtc").status == 0,
      "python3 finds no NVRTC; tools/setup --with-nvrtc installs it"),
    arguments: ["compute_80", "compute_90"])
  func nvrtc(architecture: String) throws {
    try compileKernels("nvrtc", option: "--gpu-architecture=\(architecture)")
  }

  @Test(
    "NVRTC's code moves 16 bytes at a time, without local memory and float64",
    .enabled(
      if: try compile("nvrtc").status == 0,
      "python3 finds no NVRTC; tools/setup --with-nvrtc installs it"),
    arguments: ["compute_80", "compute_90"])
  func code(architecture: String) throws {
    // Compiled in the same way as in the program.
    try compileKernels("nvrtc", option: "--gpu-architecture=\(architecture)") { code in
      let text = String(decoding: code, as: UTF8.self)
      // The word marks a variable in local memory, and every access to it.
      #expect(!text.contains(".local"))
      #expect(!text.contains(".f64"))
      for type in ["float32", "float16", "bfloat16"] {
        let name = "position_embeddings_wide_\(type)"
        let start = try #require(text.range(of: ".entry \(name)("), "\(name)")
        let rest = text[start.upperBound...]
        let body = rest[..<(rest.range(of: ".entry ")?.lowerBound ?? rest.endIndex)]
        let stores = Set(body.matches(of: /st\.global\.(\S+)/).map { String($0.1) })
        // Only the store of the record's launch number is narrower.
        #expect(
          stores == ["v4.u32", "u32"] || stores == ["v4.b32", "u32"] || stores == ["v4.b32", "b32"], "\(stores)")
        #expect(body.contains(/ld\.global\.v4\.[ub]32/), "\(name)")
      }
    }
  }
}
