import Foundation
import TestSupport
import Testing

@testable import Devices

/// The command line on drivers whose GPU is the CPU.
@Suite(.timeLimit(.minutes(30))) struct ProgramTests {
  /// Runs `rope-conformance` with these libraries where the loader finds them.
  private func run(_ arguments: [String], libraries: String = "", told: String = "") throws -> Program.Outcome {
    try Program(ropeConformance: arguments, environment: ["LD_LIBRARY_PATH": libraries, "FAKE_GPU": told]).outcome()
  }

  @Test("A device that is not there ends with 2 and says what is missing")
  func missing() throws {
    let (status, text) = try run(["run", "--device", "nvidia:7", "--case", "glm-4.5/f32/**"])
    #expect(status == 2)
    #expect(text.contains("device nvidia"), "\(text)")
    let unknown = try run(["run", "--device", "gpu", "--case", "glm-4.5/f32/**"])
    #expect(unknown.status == 2)
    #expect(unknown.text.contains("no device is named \"gpu\""), "\(unknown.text)")
  }

  @Test("The devices of a driver are listed, and what is missing for the others")
  func devices() throws {
    let fake = try FakeDriver(.nvidia)
    let folder = URL(filePath: fake.path).deletingLastPathComponent().path
    let found = try run(["devices"], libraries: folder)
    #expect(found.status == 0)
    for line in ["✓ host ", "✓ nvidia:0 ", "✓ nvidia:1 "] { #expect(found.text.contains(line), "\(found.text)") }
    #expect(found.text.contains("Fake GPU, compute capability 9.0, 1024 MiB, libcuda.so.1, driver of CUDA 12.9"))
    let broken = try run(["devices"], libraries: folder, told: "cuInit=999")
    #expect(broken.status == 0)
    #expect(broken.text.contains("cuInit returned CUDA_ERROR_FAKE (999)"), "\(broken.text)")
  }

  private static let nvrtc = packageRoot.appending(path: ".build/nvrtc/nvidia/cuda_nvrtc/lib").path

  @Test(
    "From NVRTC in a child process to a verdict; a GPU that does nothing does not conform",
    .enabled(
      if: FileManager.default.fileExists(atPath: nvrtc), "there is no NVRTC; tools/setup --with-nvrtc installs it"))
  func verdicts() throws {
    let fake = try FakeDriver(.nvidia)
    let libraries = "\(URL(filePath: fake.path).deletingLastPathComponent().path):\(Self.nvrtc)"
    let arguments = ["run", "--device", "nvidia", "--case", "glm-4.5/*/ragged/*"]
    let (status, text) = try run(arguments, libraries: libraries)
    #expect(status == 0, "\(text)")
    #expect(text.contains("HIP kernel position_embeddings on Fake GPU"), "\(text)")
    let idle = try run(arguments, libraries: libraries, told: "idle=1")
    #expect(idle.status == 1)
    #expect(idle.text.contains("device nvidia:0 did not do the work"), "\(idle.text)")
  }
}
