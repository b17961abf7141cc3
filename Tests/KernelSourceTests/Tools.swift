import Foundation
import TestSupport
import Testing

/// The programs that these tests run.
enum Tools {
  /// The folder where tools/setup --with-nvrtc puts NVIDIA's packages.
  static let nvrtc = packageRoot.appending(path: ".build/nvrtc/nvidia")

  /// The folders where ROCm keeps the programs whose Debian names end with `-15`.
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
