import Foundation
import Synchronization
import Testing

@testable import HIP

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

@Suite struct CompiledKernelsTests {
  private let target = KernelTarget.amd("gfx1030")

  /// Kernels in a folder, and how many times one was compiled.
  private final class Compiler: Sendable {
    let count = Atomic(0)

    func kernels(in folder: String, version: String = "a compiler 1.0") -> CompiledKernels {
      CompiledKernels(
        folder: URL(filePath: folder),
        compile: { [self] target in
          count.add(1, ordering: .relaxed)
          return Array("code for \(target)".utf8)
        }, compiler: { _ in version })
    }
  }

  private let code = Array("code for gfx1030".utf8)

  @Test("Code is compiled once, and again for another target or another compiler")
  func keeps() throws {
    let folder = try TemporaryFolder.make("cache") + "/not/yet/there"
    let compiler = Compiler()
    for _ in 0..<3 { #expect(try compiler.kernels(in: folder).code(for: target).bytes == code) }
    #expect(compiler.count.load(ordering: .relaxed) == 1)
    _ = try compiler.kernels(in: folder).code(for: .amd("gfx1100"))
    _ = try compiler.kernels(in: folder, version: "a compiler 1.1").code(for: target)
    #expect(compiler.count.load(ordering: .relaxed) == 3)
    let entries = try FileManager.default.contentsOfDirectory(atPath: folder)
    #expect(entries.count == 3)
    #expect(entries.allSatisfy { $0.count == 64 })
  }

  @Test("An entry that was cut short or changed is compiled again")
  func damaged() throws {
    let folder = try TemporaryFolder.make("cache")
    let compiler = Compiler()
    _ = try compiler.kernels(in: folder).code(for: target)
    let name = try #require(try FileManager.default.contentsOfDirectory(atPath: folder).first)
    let whole = try Data(contentsOf: URL(filePath: "\(folder)/\(name)"))
    #expect(whole.count == 64 + code.count)
    var changed = whole
    changed[70] ^= 1
    for (round, entry) in [Data(), whole.prefix(10), whole.dropLast(), whole + [0], changed].enumerated() {
      try entry.write(to: URL(filePath: "\(folder)/\(name)"))
      #expect(try compiler.kernels(in: folder).code(for: target).bytes == code)
      #expect(compiler.count.load(ordering: .relaxed) == round + 2)
      #expect(try Data(contentsOf: URL(filePath: "\(folder)/\(name)")) == whole)
    }
  }

  @Test("Where nothing can be kept, the code is compiled each time and nothing is left behind")
  func unwritable() throws {
    // No folder can be made in a file, whoever one is.
    let file = try TemporaryFolder.make("cache") + "/file"
    try Data().write(to: URL(filePath: file))
    // Nor can an entry replace a folder.
    let taken = try TemporaryFolder.make("cache")
    let key = CompiledKernels.key(target, compiler: "a compiler 1.0")
    try FileManager.default.createDirectory(atPath: "\(taken)/\(key)/full", withIntermediateDirectories: true)
    for folder in [file, taken] {
      let compiler = Compiler()
      for _ in 0..<2 { #expect(try compiler.kernels(in: folder).code(for: target).bytes == code) }
      #expect(compiler.count.load(ordering: .relaxed) == 2, "\(folder)")
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: taken) == [key])
  }

  @Test("Several write one entry at once, and all read it whole")
  func concurrent() async throws {
    let folder = try TemporaryFolder.make("cache")
    let compiler = Compiler()
    await withTaskGroup(of: Bool.self) { group in
      for _ in 0..<50 {
        group.addTask { [code, target] in (try? compiler.kernels(in: folder).code(for: target).bytes) == code }
      }
      for await same in group { #expect(same) }
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder).count == 1)
  }
}

@Suite struct CompilerProcessTests {
  @Test("hiprtc compiles in a child process", .needsHiprtc)
  func compiles() throws {
    let code = try CompilerProcess.compile(for: .amd("gfx1030"))
    #expect(code.starts(with: [0x7F] + Array("ELF".utf8)))
  }

  @Test("An architecture that hiprtc does not know is an error, though hiprtc ends its process", .needsHiprtc)
  func unknownArchitecture() throws {
    let error = #expect(throws: HIPError.self) { try CompilerProcess.compile(for: .amd("gfx9999")) }
    guard case .noKernel("gfx9999", let reason) = error else {
      Issue.record("\(error as Any)")
      return
    }
    #expect(reason.contains("signal") || reason.contains("returned"), "\(reason)")
  }

  @Test("A machine without an AMD GPU says so, with the runtime's own words", .needsHiprtc)
  func noDevice() throws {
    guard (try? HIPDriver()) == nil else { return }
    let error = #expect(throws: HIPError.self) { try Device(named: "amd") }
    guard case .missingDevice("amd", let reason) = error else {
      Issue.record("\(error as Any)")
      return
    }
    #expect(reason.contains("libamdhip64.so"))
    #expect(reason.contains("finds no GPU (hipInit returned 10"))
  }
}

extension Trait where Self == ConditionTrait {
  static var needsHiprtc: Self {
    .enabled(
      if: (try? RunTimeCompiler(of: .amd)) != nil, "there is no hiprtc; tools/setup --with-hipcc installs it")
  }
}
