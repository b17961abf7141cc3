import Files
import Foundation
import SHA256

/// Code that was compiled on this machine and is kept for later runs.
///
/// An entry is a file named by the SHA-256 of everything that its code depends on. It begins with the SHA-256 of that
/// code, so that a truncated entry is compiled again. It appears by a rename, so that several processes may write it at
/// once. If nothing can be kept, the code is compiled each time.
struct CompiledKernels: Sendable {
  /// The folder of the entries.
  let folder: URL
  /// Compiles for a target, in another process.
  var compile: @Sendable (KernelTarget) throws(DeviceError) -> [UInt8] = CompilerProcess.compile
  /// The name and version of the compiler of a vendor.
  var compiler: @Sendable (GPUVendor) throws(RunTimeCompiler.Failure) -> String = {
    vendor throws(RunTimeCompiler.Failure) in try RunTimeCompiler(of: vendor).description
  }

  /// The code kept in the user's ``CacheFolder``.
  static var ofThisUser: CompiledKernels { CompiledKernels(folder: CacheFolder.ofThisUser()) }

  /// The code for a target: kept from before, or compiled now.
  ///
  /// - Throws: ``DeviceError/noKernel(target:reason:)`` if there is no compiler or it fails.
  func code(for target: KernelTarget) throws(DeviceError) -> KernelCode {
    let compiler: String
    do {
      compiler = try self.compiler(target.vendor)
    } catch {
      throw .noKernel(target: "\(target)", reason: error.reason)
    }
    let entry = folder.appending(path: Self.key(target, compiler: compiler))
    if let bytes = Self.read(entry) { return KernelCode(bytes: bytes, origin: "\(compiler), kept in \(entry.path)") }
    let bytes = try compile(target)
    // The file only saves time: failing to write it is no error.
    try? CacheFolder.write(Data(SHA256.hexadecimal(of: bytes).utf8) + bytes, to: entry)
    return KernelCode(bytes: bytes, origin: compiler)
  }

  /// The name of an entry.
  static func key(_ target: KernelTarget, compiler: String) -> String {
    let parts = [
      KernelSource.digest, RunTimeCompiler.options(for: target).joined(separator: " "), "\(target)", compiler,
    ]
    return SHA256.hexadecimal(of: parts.joined(separator: "\n").utf8)
  }

  private static func read(_ entry: URL) -> [UInt8]? {
    guard let data = try? InputFile.bytes(of: entry.path, limit: KernelCode.largestCount) else { return nil }
    let bytes = [UInt8](data.dropFirst(64))
    return data.prefix(64).elementsEqual(SHA256.hexadecimal(of: bytes).utf8) ? bytes : nil
  }
}

extension KernelTarget {
  /// The vendor of the GPUs that the target describes.
  var vendor: GPUVendor {
    switch self {
    case .amd: .amd
    case .computeCapability: .nvidia
    }
  }
}
