import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Devices

@Suite(.timeLimit(.minutes(30))) struct CompiledKernelsTests {
  private let target = KernelTarget.amd("gfx1030")

  /// Makes kernels in a folder, and counts the compilations.
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
    let folder = try TemporaryFolder.untilExit() + "/not/yet/there"
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
    let folder = try TemporaryFolder.untilExit()
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
    // No user can make a folder in a file.
    let file = try TemporaryFolder.untilExit() + "/file"
    try Data().write(to: URL(filePath: file))
    // Nor can an entry replace a folder.
    let taken = try TemporaryFolder.untilExit()
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
    let folder = try TemporaryFolder.untilExit()
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
