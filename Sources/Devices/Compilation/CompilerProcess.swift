import Files
import Foundation

/// The run-time compiler in a process of its own, because hiprtc ends the process if it does not know an architecture.
package enum CompilerProcess {
  /// The command of `rope-conformance` that compiles; its arguments are a target and `--output` with a path.
  package static let command = "compile-kernel"

  /// The program that has the command; it is in the same folder as every program of this package, tests included.
  private static var program: URL? {
    ThisProgram.url?.deletingLastPathComponent().appending(path: "rope-conformance")
  }

  /// Compiles the kernel in this process and writes the result to a file, whole or not at all.
  ///
  /// `name` is a target, such as `gfx1030` or `compute_90`.
  ///
  /// - Returns: the compiler's name and version, and the digest of the source.
  /// - Throws: ``DeviceError/noKernel(target:reason:)``.
  package static func compileHere(target name: String, to path: String) throws(DeviceError) -> (
    compiler: String, source: String
  ) {
    guard let target = KernelTarget(name) else {
      throw .noKernel(target: name, reason: "it is not a target; targets look like gfx1030 or compute_90")
    }
    do {
      let compiler = try RunTimeCompiler(of: target.vendor)
      try AtomicFile(path).write(Data(compiler.compile(for: target)))
      return (compiler.description, KernelSource.digest)
    } catch let failure as RunTimeCompiler.Failure {
      throw .noKernel(target: name, reason: failure.reason)
    } catch {
      throw .noKernel(target: name, reason: "\(error)")
    }
  }

  /// Compiles the kernel in another process.
  static func compile(for target: KernelTarget) throws(DeviceError) -> [UInt8] {
    let failed = { DeviceError.noKernel(target: "\(target)", reason: $0) }
    guard let program, FileManager.default.isExecutableFile(atPath: program.path) else {
      throw failed("the compiler runs in rope-conformance, which is not in the folder of this program")
    }
    let scratch: ScratchFolder
    do {
      scratch = try ScratchFolder()
    } catch {
      throw failed("\(error)")
    }
    defer { withExtendedLifetime(scratch) {} }
    let result = URL(filePath: "\(scratch.path)/kernel")
    let (process, pipe) = (Process(), Pipe())
    process.executableURL = program
    process.arguments = [command, "\(target)", "--output", result.path]
    process.standardOutput = pipe
    process.standardError = pipe
    do {
      try process.run()
      let printed = String(decoding: try pipe.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        .trimmingCharacters(in: .whitespacesAndNewlines)
      process.waitUntilExit()
      guard process.terminationReason == .exit else {
        throw failed("the compiler was killed by signal \(process.terminationStatus)\n\(printed)")
      }
      guard process.terminationStatus == 0 else { throw failed(printed) }
      return try InputFile.array(of: result.path, limit: KernelCode.largestCount)
    } catch let error as DeviceError {
      throw error
    } catch {
      throw failed("cannot run \(program.path): \(error)")
    }
  }
}
