import Foundation
import HostKernel
import TestSupport
import Testing

@testable import Devices

@Suite struct KernelFolderTests {
  @Test("A newer GPU of NVIDIA runs the nearest older code, one of AMD its own alone")
  func nearest() throws {
    let folder = try TemporaryFolder.kernels("compute_80", "compute_90", "compute_100", "gfx1030", "gfx90a")
    func found(_ name: String) throws -> String? {
      let target = try #require(KernelTarget(name))
      return try folder.code(for: target).map { URL(filePath: $0.origin).lastPathComponent }
    }
    #expect(try found("compute_75") == nil)
    #expect(try found("compute_80") == "position_embeddings.compute_80.ptx")
    #expect(try found("compute_89") == "position_embeddings.compute_80.ptx")
    #expect(try found("compute_90") == "position_embeddings.compute_90.ptx")
    #expect(try found("compute_120") == "position_embeddings.compute_100.ptx")
    #expect(try found("gfx1030") == "position_embeddings.gfx1030.hsaco")
    #expect(try found("gfx1031") == nil)
  }

  @Test("The program holds every file of the device code")
  func files() throws {
    let kernels = packageRoot.appending(path: "Kernels")
    let names = try FileManager.default.contentsOfDirectory(atPath: kernels.path)
      .filter { $0.hasSuffix(".h") || $0.hasSuffix(".hip") }
    let files = names + ["include/position_embeddings.h"]
    #expect(KernelSource.files.count == files.count)
    #expect(String(cString: KernelSource.files[0].name) == "position_embeddings.hip")
    for file in files {
      let url = kernels.appending(path: file)
      let held = try #require(
        KernelSource.files.first { String(cString: $0.name) == url.lastPathComponent }, "\(file) is not embedded")
      #expect(try String(contentsOf: url, encoding: .utf8) == String(cString: held.text), "\(file)")
    }
  }

  @Test("tools/build-kernels and the program name the source by the same digest")
  func digest() throws {
    let folder = try TemporaryFolder()
    // Stands in for hipcc, whose last argument is the file to write.
    let compiler = folder.path("hipcc")
    try "#!/bin/sh\nfor output; do :; done\n: >\"$output\"\n".write(toFile: compiler, atomically: true, encoding: .utf8)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: compiler)
    let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
    let outcome = try Program.run(
      packageRoot.appending(path: "tools/build-kernels").path, ["--output", folder.path("kernels"), "gfx1030"],
      environment: ["PATH": "\(folder.path):\(path)"])
    try #require(outcome.status == 0, "\(outcome.text)")
    let target = try #require(KernelTarget("gfx1030"))
    #expect(throws: Never.self) { try KernelFolder(path: folder.path("kernels")).code(for: target) }
  }

  @Test("Names of targets")
  func targets() {
    #expect(KernelTarget("compute_90") == .computeCapability(major: 9, minor: 0))
    #expect(KernelTarget("compute_121") == .computeCapability(major: 12, minor: 1))
    #expect(KernelTarget("gfx90a") == .amd("gfx90a"))
    for name in ["sm_90", "compute_9", "compute_90a", "gfx", "gfx90a:xnack-", "gfx1030/../x", ""] {
      #expect(KernelTarget(name) == nil, "\(name)")
    }
  }
}
