import Foundation
import Testing

/// What a program printed, and how it ended.
struct Outcome {
  let status: Int32
  /// Standard output and standard error, as they came.
  let text: String
}

/// The package, and the programs that its tests run.
enum Tools {
  static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  /// Where tools/setup --with-nvrtc puts NVIDIA's packages.
  static let nvrtc = root.appending(path: ".build/nvrtc/nvidia")

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

  static func run(_ program: String, _ arguments: [String], environment: [String: String] = [:]) throws -> Outcome {
    let process = Process()
    let pipe = Pipe()
    process.executableURL = URL(filePath: program)
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let printed = try pipe.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    // A death by signal must not read as an exit code.
    let status = process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus
    return Outcome(status: status, text: String(decoding: printed, as: UTF8.self))
  }

  /// Calls `body` with an empty folder that is removed afterwards.
  static func withFolder<Result>(_ body: (URL) throws -> Result) throws -> Result {
    let folder = FileManager.default.temporaryDirectory.appending(path: "kernel-source-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try body(folder)
  }
}

extension Trait where Self == ConditionTrait {
  static var needsHipcc: Self {
    .enabled(if: Tools.find("hipcc") != nil, "hipcc is not installed; tools/setup --with-hipcc installs it")
  }
}
