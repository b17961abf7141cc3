import Foundation
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(30))) struct BuildKernelsTests {
  private static let architectures = ["gfx1030", "gfx1100", "gfx90a"]
  private let kernels: Set = [
    "position_embeddings_float32", "position_embeddings_float16", "position_embeddings_bfloat16",
    "position_embeddings_wide_float32", "position_embeddings_wide_float16", "position_embeddings_wide_bfloat16",
    "position_embeddings_nothing",
  ]

  /// Runs `tools/build-kernels` of the package, or of a copy of it.
  private func build(_ arguments: [String], root: URL = packageRoot, environment: [String: String] = [:]) throws
    -> Program.Outcome
  {
    try Program.run(root.appending(path: "tools/build-kernels").path, arguments, environment: environment)
  }

  /// The most vector registers with which a SIMD of gfx90a, which has 512 for each thread of a wave, runs 7 of at most
  /// 8 waves, and one of gfx1030, which has 1024, runs 14 of at most 16.
  private static let mostRegisters = 72

  @Test("The code objects load and store 16 bytes at a time, without scratch memory and float64", .needsHipcc)
  func codeObjects() throws {
    let folder = try TemporaryFolder()
    let outcome = try build(["--output", folder.path] + Self.architectures)
    try #require(outcome.status == 0, "\(outcome.text)")
    let written = folder.names()
    #expect(
      written
        == Self.architectures.flatMap {
          ["position_embeddings.\($0).hsaco", "position_embeddings.\($0).hsaco.source"]
        }
    )
    for architecture in Self.architectures {
      let object = try CodeObject(
        bundle: folder.url.appending(path: "position_embeddings.\(architecture).hsaco"), architecture: architecture)
      #expect(Set(object.resources.keys) == kernels, "\(architecture)")
      #expect(Set(object.instructions.keys).isSuperset(of: kernels), "\(architecture)")
      for (kernel, needed) in object.resources {
        #expect(needed.scratch == 0, "\(architecture), \(kernel)")
        #expect(needed.spills == [0, 0], "\(architecture), \(kernel)")
        #expect((needed.vectorRegisters ?? .max) <= Self.mostRegisters, "\(architecture), \(kernel)")
      }
      let float64 = object.instructions.mapValues { $0.filter { $0.contains("_f64") } }
      #expect(float64.allSatisfy { $0.value.isEmpty }, "\(architecture): \(float64)")
      for kernel in kernels where kernel.contains("_wide_") {
        let found = Set(object.instructions[kernel] ?? []).filter { $0.hasPrefix("global_") }
        let loads = found.intersection(["global_load_dwordx4", "global_load_b128"])
        let stores = found.intersection(["global_store_dwordx4", "global_store_b128"])
        #expect(loads.count == 1 && stores.count == 1, "\(architecture), \(kernel): \(found.sorted())")
      }
    }
  }

  @Test("No product is contracted into an addition", .needsHipcc)
  func contraction() throws {
    let folder = try TemporaryFolder()
    let (plain, off) = (folder.url.appending(path: "plain"), folder.url.appending(path: "off"))
    let name = "position_embeddings.gfx1030.hsaco"
    let outcomes = [
      try build(["--output", plain.path, "gfx1030"]),
      // hipcc appends the variable to its options.
      try build(
        ["--output", off.path, "gfx1030"], environment: ["HIPCC_COMPILE_FLAGS_APPEND": "-ffp-contract=off"]),
    ]
    for outcome in outcomes { try #require(outcome.status == 0, "\(outcome.text)") }
    let same = try Data(contentsOf: plain.appending(path: name)) == Data(contentsOf: off.appending(path: name))
    #expect(same)
  }

  @Test("A source that does not compile: the compiler's message, and no file", .needsHipcc)
  func syntaxError() throws {
    let folder = try TemporaryFolder()
    for part in ["Kernels", "tools"] {
      try FileManager.default.copyItem(at: packageRoot.appending(path: part), to: folder.url.appending(path: part))
    }
    let source = folder.url.appending(path: "Kernels/position_embeddings.hip")
    try (String(contentsOf: source, encoding: .utf8) + "int missing = ;\n").write(
      to: source, atomically: true, encoding: .utf8)
    let output = folder.url.appending(path: "output")
    let outcome = try build(["--output", output.path, "gfx1030"], root: folder.url)
    let written = folder.names(in: "output")
    #expect(outcome.status == 1)
    #expect(outcome.text.contains("error: expected expression"), "\(outcome.text)")
    #expect(outcome.text.contains("does not compile for gfx1030"), "\(outcome.text)")
    #expect(written.isEmpty)
  }

  @Test("An architecture that hipcc does not know", .needsHipcc)
  func unknownArchitecture() throws {
    let folder = try TemporaryFolder()
    let outcome = try build(["--output", folder.path, "gfx9999"])
    let written = folder.names()
    #expect(outcome.status == 1)
    #expect(outcome.text.contains("does not compile for gfx9999"), "\(outcome.text)")
    #expect(written.isEmpty)
  }

  @Test("Bad usage says what is wrong")
  func usage() throws {
    for (arguments, message) in [
      (["--fast"], "unknown option --fast"), (["sm_80"], "sm_80 is not a target"),
      (["--output"], "--output needs a path"),
    ] {
      let outcome = try build(arguments)
      #expect(outcome.status == 2)
      #expect(outcome.text.contains(message), "\(outcome.text)")
    }
  }

  @Test("Without hipcc, the package that is missing is named")
  func withoutHipcc() throws {
    let folder = try TemporaryFolder()
    for name in ["bash", "dirname"] {
      let program = try #require(Tools.find(name))
      try FileManager.default.createSymbolicLink(
        atPath: folder.url.appending(path: name).path, withDestinationPath: program)
    }
    let outcome = try build(["gfx1030"], environment: ["PATH": folder.path])
    #expect(outcome.status == 2)
    #expect(outcome.text.contains("install the package hipcc"), "\(outcome.text)")
  }
}
