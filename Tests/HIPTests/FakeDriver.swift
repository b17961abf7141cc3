import Foundation
import Testing

@testable import HIP

/// A driver of a vendor whose GPU is the CPU; `FakeDrivers/fake_gpu.h` says what it does.
final class FakeDriver: Sendable {
  /// The library, for the loader.
  let path: String
  private let library: SharedLibrary

  /// A driver of its own for each test: libraries of different files share nothing.
  init(_ vendor: GPUVendor) throws {
    let compiled = try #require(try Self.compiled[vendor]?.get())
    let folder = try TemporaryFolder.make("fake-driver")
    path = "\(folder)/\(compiled.split(separator: "/").last ?? "")"
    try FileManager.default.copyItem(atPath: compiled, toPath: path)
    library = try SharedLibrary(firstOf: [path])
  }

  /// Says what to do wrong from now on, such as `cuMemAlloc_v2=2,idle=1`.
  func tell(_ text: String) {
    library.function("fake_tell", as: (@convention(c) (UnsafePointer<CChar>) -> Void).self)?(text)
  }

  /// The calls since the last question, one a line.
  func calls() -> [String] {
    let asked = library.function("fake_calls", as: (@convention(c) () -> UnsafePointer<CChar>).self)?()
    return asked.map { String(cString: $0).split(separator: "\n").map(String.init) } ?? []
  }

  /// Pieces of memory and events that were not given back.
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
    let tests = URL(filePath: #filePath).deletingLastPathComponent()
    let kernels = tests.deletingLastPathComponent().deletingLastPathComponent().appending(path: "Kernels").path
    let result = "\(try TemporaryFolder.make("fake-driver"))/\(library)"
    let process = Process()
    let pipe = Pipe()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [
      "clang++", "-std=c++20", "-O2", "-shared", "-fPIC", "-Wl,-Bsymbolic", "-I", "\(kernels)/include",
      tests.appending(path: "FakeDrivers/\(source)").path, "\(kernels)/host/host.cpp", "-o", result,
    ]
    process.standardError = pipe
    try process.run()
    let printed = try pipe.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw DoesNotCompile(message: String(decoding: printed, as: UTF8.self))
    }
    return result
  }
}

/// Folders for one run of the tests; the system removes them.
enum TemporaryFolder {
  static func make(_ name: String) throws -> String {
    let folder = FileManager.default.temporaryDirectory.appending(path: "\(name)-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    return folder.path
  }

  /// A folder of code that was compiled ahead of time, as far as a fake driver looks into it.
  static func kernels(_ targets: String..., digest: String = KernelSource.digest) throws -> KernelFolder {
    let folder = try make("kernels")
    for name in targets {
      let target = try #require(KernelTarget(name))
      let path = "\(folder)/\(target.fileName)"
      try Data("// \(name)\n.entry position_embeddings_float32(".utf8).write(to: URL(filePath: path))
      try Data("\(digest)\n".utf8).write(to: URL(filePath: "\(path).source"))
    }
    return KernelFolder(path: folder)
  }
}
