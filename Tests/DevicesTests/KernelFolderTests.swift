import Foundation
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
