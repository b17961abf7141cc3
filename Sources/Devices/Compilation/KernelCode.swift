import HostKernel
import RoPE
import SHA256

/// Machine code of the kernel, or PTX, and its origin.
struct KernelCode: Sendable {
  /// The most bytes of a file of code.
  static let largestCount = 1 << 28

  let bytes: [UInt8]
  /// A file, or the compiler that made it.
  let origin: String

  /// The origin without folders.
  var shortOrigin: String {
    origin.hasPrefix("/")
      ? origin.split(separator: "/").last.map(String.init) ?? origin
      : origin.split(separator: ",").first.map(String.init) ?? origin
  }
}

/// Finds the kernel's code for a GPU: compiled ahead of time, or else now by the vendor's run-time compiler.
struct KernelFinder: Sendable {
  /// Code that was compiled ahead of time; nil if there is none.
  var folder = KernelFolder.ofThisProgram
  /// Code that this machine compiles.
  var compiled = CompiledKernels.ofThisUser

  /// The code for a target.
  ///
  /// - Throws: ``DeviceError/noKernel(target:reason:)`` and ``DeviceError/staleKernel(path:)``.
  func code(for target: KernelTarget) throws(DeviceError) -> KernelCode {
    if let code = try folder?.code(for: target) { return code }
    return try compiled.code(for: target)
  }
}

/// One of the kernels in the source.
enum KernelName: Hashable, Sendable {
  /// Rotates elements of a type: in groups of 16 bytes if wide (of more bytes on hosts that can), otherwise one by one.
  case rotation(ElementType, isWide: Bool)
  /// Does nothing, so that it takes only the time of a launch.
  case nothing

  /// The kernel for the arguments of a call.
  init(_ arguments: RopeArguments, elementType: ElementType) {
    self = .rotation(elementType, isWide: arguments.wide != 0)
  }

  /// The function's name.
  var function: String {
    switch self {
    case .rotation(let type, let isWide): "position_embeddings_\(isWide ? "wide_" : "")\(type.rawValue)"
    case .nothing: "position_embeddings_nothing"
    }
  }
}

/// The source of the kernel, as this program was built with it.
enum KernelSource {
  /// The file that is compiled, then the headers that it includes, each with its name and text.
  static var files: [RopeKernelFile] { (0..<rope_kernel_file_count()).map(rope_kernel_file) }

  /// The SHA-256 of all texts in a row, in hexadecimal; names the source in files that were compiled from it.
  ///
  /// tools/build-kernels computes the same.
  static let digest = SHA256.hexadecimal(of: files.map { String(cString: $0.text) }.joined().utf8)
}

/// The architecture that the kernel is compiled for.
enum KernelTarget: Sendable, Equatable {
  /// An architecture of AMD, such as `gfx90a`.
  case amd(String)
  /// A compute capability of NVIDIA; the code also runs on any higher one.
  case computeCapability(major: Int, minor: Int)

  /// Reads a target by the name that compilers and ``description`` use.
  init?(_ name: String) {
    if let match = name.wholeMatch(of: /compute_(\d{1,3})(\d)/),
      let major = Int(match.1), let minor = Int(match.2)
    {
      self = .computeCapability(major: major, minor: minor)
    } else if name.wholeMatch(of: /gfx[0-9a-f]+/) != nil {
      self = .amd(name)
    } else {
      return nil
    }
  }
}

extension KernelTarget: CustomStringConvertible {
  var description: String {
    switch self {
    case .amd(let architecture): architecture
    case .computeCapability(let major, let minor): "compute_\(major)\(minor)"
    }
  }

  /// The extension of files of its code: a code object, or PTX.
  var fileExtension: String {
    switch self {
    case .amd: "hsaco"
    case .computeCapability: "ptx"
    }
  }

  /// The name of a file of its code.
  var fileName: String { "position_embeddings.\(self).\(fileExtension)" }

  /// Returns true if code for another target runs on this one: NVIDIA's driver translates PTX for any newer GPU.
  func runs(_ other: KernelTarget) -> Bool {
    switch (self, other) {
    case (.amd, .amd): self == other
    case (.computeCapability(let major, let minor), .computeCapability(let otherMajor, let otherMinor)):
      (otherMajor, otherMinor) <= (major, minor)
    default: false
    }
  }
}
