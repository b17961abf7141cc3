import Foundation
import TestSupport
import Testing

@testable import Devices

/// A vendor's driver whose GPU is the CPU; `FakeDrivers/fake_gpu.h` describes its behaviour.
final class FakeDriver: Sendable {
  /// The path of the library, for the loader.
  let path: String
  private let library: SharedLibrary

  /// Makes a separate driver for each test: libraries of different files share nothing.
  init(_ vendor: GPUVendor) throws {
    let compiled = try #require(try Self.compiled[vendor]?.get())
    path = "\(try TemporaryFolder.untilExit())/\(compiled.split(separator: "/").last ?? "")"
    try FileManager.default.copyItem(atPath: compiled, toPath: path)
    library = try SharedLibrary(firstOf: [path])
  }

  /// Tells the driver its faults from now on, such as `cuMemAlloc_v2=2,idle=1`.
  func tell(_ text: String) {
    library.function("fake_tell", as: (@convention(c) (UnsafePointer<CChar>) -> Void).self)?(text)
  }

  /// Returns the calls since the last question, one a line.
  func calls() -> [String] {
    let asked = library.function("fake_calls", as: (@convention(c) () -> UnsafePointer<CChar>).self)?()
    return asked.map { String(cString: $0).split(separator: "\n").map(String.init) } ?? []
  }

  /// The number of buffers and events that were not freed.
  var allocationCount: Int {
    Int(library.function("fake_allocation_count", as: (@convention(c) () -> Int32).self)?() ?? -1)
  }

  private static let compiled: [GPUVendor: Result<String, any Error>] = [
    .nvidia: Result { try compile("fake_cuda.cpp", to: "libcuda.so.1") },
    .amd: Result { try compile("fake_hip.cpp", to: "libamdhip64.so.6") },
  ]

  private struct DoesNotCompile: Error {
    let message: String
  }

  /// Compiles a fake driver together with the kernel for the host.
  static func compile(_ source: String, to library: String) throws -> String {
    let kernels = packageRoot.appending(path: "Kernels").path
    let result = "\(try TemporaryFolder.untilExit())/\(library)"
    let words = [
      "-std=c++20", "-O2", "-shared", "-fPIC", "-Wl,-Bsymbolic", "-I", "\(kernels)/include",
      packageRoot.appending(path: "Tests/DevicesTests/FakeDrivers/\(source)").path, "\(kernels)/host/host.cpp", "-o",
      result,
    ]
    let outcome = try Program.run("clang++", words)
    guard outcome.status == 0 else { throw DoesNotCompile(message: outcome.text) }
    return result
  }
}

extension TemporaryFolder {
  /// Makes a folder of code compiled ahead of time, as far as a fake driver looks into it.
  static func kernels(_ targets: String..., digest: String = KernelSource.digest) throws -> KernelFolder {
    let folder = try untilExit()
    for name in targets {
      let target = try #require(KernelTarget(name))
      let path = "\(folder)/\(target.fileName)"
      try Data("// \(name)\n.entry position_embeddings_float32(".utf8).write(to: URL(filePath: path))
      try Data("\(digest)\n".utf8).write(to: URL(filePath: "\(path).source"))
    }
    return KernelFolder(path: folder)
  }
}
