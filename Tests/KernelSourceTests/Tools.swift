import Foundation
import TestSupport
import Testing

/// The programs that its tests run.
enum Tools {
  /// Where tools/setup --with-nvrtc puts NVIDIA's packages.
  static let nvrtc = packageRoot.appending(path: ".build/nvrtc/nvidia")

  /// Where ROCm keeps the programs whose names Debian ends with `-15`.
  private static let folders =
    (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map(String.init)
    + ["/opt/rocm/llvm/bin"]

  /// The first program that exists, by name.
  static func find(_ names: String...) -> String? {
    for name in names {
      for folder in folders where FileManager.default.isExecutableFile(atPath: "\(folder)/\(name)") {
        return "\(folder)/\(name)"
      }
    }
    return nil
  }

}

extension Trait where Self == ConditionTrait {
  static var needsHipcc: Self {
    .enabled(if: Tools.find("hipcc") != nil, "hipcc is not installed; tools/setup --with-hipcc installs it")
  }
}
