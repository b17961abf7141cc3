import Foundation
import TestSupport
import Testing

/// The result of `tools/build-kernels` for one architecture, as LLVM's tools print it.
struct CodeObject {
  /// The instructions of each function, by its name.
  let instructions: [String: [String]]
  /// The resources that each kernel needs, by its name.
  let resources: [String: Resources]

  init(bundle: URL, architecture: String) throws {
    let bundler = try #require(Tools.find("clang-offload-bundler-15", "clang-offload-bundler"))
    let objdump = try #require(Tools.find("llvm-objdump-15", "llvm-objdump"))
    let readelf = try #require(Tools.find("llvm-readelf-15", "llvm-readelf"))
    func output(_ program: String, _ arguments: String...) throws -> String {
      let outcome = try Program.run(program, arguments)
      try #require(outcome.status == 0, "\(outcome.text)")
      return outcome.text
    }
    let folder = try TemporaryFolder(), elf = folder.path("elf")
    _ = try output(
      bundler, "--unbundle", "--type=o", "--targets=hipv4-amdgcn-amd-amdhsa--\(architecture)",
      "--input=\(bundle.path)", "--output=\(elf)")
    let listing = try output(objdump, "-d", "--no-leading-addr", "--no-show-raw-insn", elf)
    let notes = try output(readelf, "--notes", elf)

    var instructions: [String: [String]] = [:]
    var function = ""
    for line in listing.split(separator: "\n") {
      // A function starts with "<name>:", an instruction with a tab.
      if line.hasPrefix("<") {
        function = String(line.dropFirst().dropLast(2))
      } else if line.hasPrefix("\t") {
        instructions[function, default: []].append(String(line.dropFirst().prefix { $0 != " " }))
      }
    }
    self.instructions = instructions

    // Within a kernel the keys are in alphabetical order, so its name comes before these.
    var resources: [String: Resources] = [:]
    var kernel = ""
    for line in notes.split(separator: "\n") {
      if let name = line.firstMatch(of: /^ {4}\.name: +(\S+)/) {
        kernel = String(name.1)
        resources[kernel] = Resources()
      } else if let size = line.firstMatch(of: /^ {4}\.private_segment_fixed_size: +(\d+)/) {
        resources[kernel]?.scratch = Int(size.1)
      } else if let count = line.firstMatch(of: /^ {4}\.[sv]gpr_spill_count: +(\d+)/) {
        resources[kernel]?.spills.append(Int(count.1))
      } else if let count = line.firstMatch(of: /^ {4}\.vgpr_count: +(\d+)/) {
        resources[kernel]?.vectorRegisters = Int(count.1)
      }
    }
    self.resources = resources
  }

  /// The resources that a kernel needs for every thread, according to the metadata.
  struct Resources {
    /// Bytes of scratch memory.
    var scratch: Int?
    /// The numbers of scalar and vector registers that were spilled.
    var spills: [Int?] = []
    var vectorRegisters: Int?
  }
}
