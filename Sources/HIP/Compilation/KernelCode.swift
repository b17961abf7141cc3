/// Machine code of the kernel, or PTX, with where it came from.
struct KernelCode: Sendable {
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
  /// Code that was compiled ahead of time; nil where there is none.
  var folder = KernelFolder.ofThisProgram
  /// Code that this machine compiles.
  var compiled = CompiledKernels.ofThisUser

  /// The code for a target.
  ///
  /// - Throws: ``HIPError/noKernel(target:reason:)`` and ``HIPError/staleKernel(path:)``.
  func code(for target: KernelTarget) throws(HIPError) -> KernelCode {
    if let code = try folder?.code(for: target) { return code }
    return try compiled.code(for: target)
  }
}
