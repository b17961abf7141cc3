import Foundation
import TestSupport
import Testing

/// The functions that are found at run time are declared as in the vendors' headers.
@Suite(.timeLimit(.minutes(30))) struct FunctionTypesTests {
  private static let cudaHeaders = Tools.nvrtc.appending(path: "cuda_runtime/include").path
  private static let compilerHeaders = Tools.nvrtc.appending(path: "cuda_nvrtc/include").path

  private func compile(_ options: [String], declarations: URL) throws -> Program.Outcome {
    try Program.run(
      "clang++",
      ["-std=c++20", "-fsyntax-only", "-Wno-everything", "-I", declarations.path] + options + [
        packageRoot.appending(path: "Tests/KernelSourceTests/function_types.cpp").path
      ])
  }

  /// Checks that the declarations agree, and that with any of the changes they do not.
  private func check(_ options: [String], header: String, changes: [(String, String)]) throws {
    let declarations = packageRoot.appending(path: "Sources/CDeviceRuntimes")
    let outcome = try compile(options, declarations: declarations)
    #expect(outcome.status == 0, "\(outcome.text)")
    for (old, new) in changes {
      let folder = try TemporaryFolder()
      let copy = folder.url.appending(path: "changed")
      try FileManager.default.copyItem(at: declarations, to: copy)
      let file = copy.appending(path: header)
      let text = try String(contentsOf: file, encoding: .utf8)
      try #require(text.contains(old))
      try text.replacing(old, with: new).write(to: file, atomically: true, encoding: .utf8)
      let outcome = try compile(options, declarations: copy)
      #expect(outcome.status != 0 && outcome.text.contains("static assertion failed"), "\(new): \(outcome.text)")
    }
  }

  @Test(
    "HIP's headers declare the functions as this package does",
    .enabled(
      if: FileManager.default.fileExists(atPath: "/usr/include/hip/hiprtc.h"),
      "no headers of HIP in /usr/include; tools/setup --with-hipcc installs them"))
  func hip() throws {
    try check(
      ["-DCHECK_HIP"], header: "hip_runtime.h",
      changes: [
        ("hipFree, (void *address)", "hipFree, (int address)"),
        ("hipEventRecord, (void *event, void *stream)", "hipEventRecord, (void *event)"),
        ("OFFSET_5 = 396", "OFFSET_5 = 400"),
      ])
  }

  @Test(
    "CUDA's headers declare the functions as this package does",
    .enabled(
      if: FileManager.default.fileExists(atPath: "\(cudaHeaders)/cuda.h"),
      "no headers of CUDA in .build/nvrtc; tools/setup --with-nvrtc installs them"))
  func cuda() throws {
    try check(
      ["-DCHECK_CUDA", "-I", Self.cudaHeaders, "-I", Self.compilerHeaders], header: "cuda_driver.h",
      changes: [
        ("cuMemFree_v2, (unsigned long long address)", "cuMemFree_v2, (unsigned int address)"),
        ("cuDeviceGet, (int *device, int index)", "cuDeviceGet, (int *device)"),
        ("(float *milliseconds", "(double *milliseconds"), ("MEMORY_DEVICE = 2", "MEMORY_DEVICE = 1"),
      ])
  }
}
