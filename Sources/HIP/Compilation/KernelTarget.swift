import RoPE

/// What the kernel is compiled for.
enum KernelTarget: Sendable, Equatable {
  /// An architecture of AMD, such as `gfx90a`.
  case amd(String)
  /// A compute capability of NVIDIA, or any higher one.
  case computeCapability(major: Int, minor: Int)

  /// A target by the name that compilers and ``description`` use.
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

  /// How files of its code end: a code object, or PTX.
  var fileExtension: String {
    switch self {
    case .amd: "hsaco"
    case .computeCapability: "ptx"
    }
  }

  /// The name of a file of its code.
  var fileName: String { "position_embeddings.\(self).\(fileExtension)" }

  /// Whether code for another target runs on this one: NVIDIA's driver translates PTX for any GPU that is newer.
  func runs(_ other: KernelTarget) -> Bool {
    switch (self, other) {
    case (.amd, .amd): self == other
    case (.computeCapability(let major, let minor), .computeCapability(let otherMajor, let otherMinor)):
      (otherMajor, otherMinor) <= (major, minor)
    default: false
    }
  }
}
