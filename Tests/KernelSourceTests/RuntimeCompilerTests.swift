import Foundation
import Testing

/// The run-time compilers have no headers, neither the system's nor HIP's.
@Suite struct RuntimeCompilerTests {
  /// In a child process: hiprtc aborts on an architecture that it does not know.
  private static func compile(_ compiler: String, _ arguments: String...) throws -> Outcome {
    let script = Tools.root.appending(path: "Tests/KernelSourceTests/runtime_compile.py").path
    return try Tools.run(
      "/usr/bin/env", ["python3", script, compiler] + arguments,
      environment: ["PYTHONPATH": Tools.nvrtc.deletingLastPathComponent().path])
  }

  private func expectKernels(_ compiler: String, option: String) throws {
    let kernels = Tools.root.appending(path: "Kernels")
    let outcome = try Self.compile(
      compiler, kernels.appending(path: "position_embeddings.hip").path,
      kernels.appending(path: "include/position_embeddings.h").path, option)
    #expect(outcome.status == 0, "\(outcome.text)")
    #expect(
      outcome.text.split(separator: "\n").dropFirst() == [
        "position_embeddings_float32", "position_embeddings_float16", "position_embeddings_bfloat16",
      ], "\(outcome.text)")
  }

  @Test(
    "hiprtc compiles the source as it is",
    .enabled(if: try compile("hiprtc").status == 0, "python3 finds no hiprtc; tools/setup --with-hipcc installs both"))
  func hiprtc() throws {
    try expectKernels("hiprtc", option: "--offload-arch=gfx1030")
  }

  @Test(
    "NVRTC compiles the source as it is",
    .enabled(
      if: try compile("nvrtc").status == 0,
      "python3 finds no NVRTC; tools/setup --with-nvrtc installs it"),
    arguments: ["compute_80", "compute_90"])
  func nvrtc(architecture: String) throws {
    try expectKernels("nvrtc", option: "--gpu-architecture=\(architecture)")
  }
}
