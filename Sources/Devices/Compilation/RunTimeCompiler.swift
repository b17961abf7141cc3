import CDeviceRuntimes
import Foundation
import HostKernel

/// A vendor's compiler that runs on the user's machine, as a library.
///
/// Unchecked because of the function pointers, which are set once.
struct RunTimeCompiler: @unchecked Sendable {
  /// Name, version and library, such as `NVRTC 12.9 (libnvrtc.so.12)`.
  let description: String
  private let functions: RopeCompiler

  /// The libraries of each vendor's compiler, newest first.
  ///
  /// Debian's ROCm 5 has hiprtc in the library of the runtime.
  private static let libraries: [GPUVendor: [String]] = [
    .amd: ["libhiprtc.so.7", "libhiprtc.so.6", "libhiprtc.so.5", "libamdhip64.so.5"],
    .nvidia: ["libnvrtc.so.13", "libnvrtc.so.12", "libnvrtc.so.11.2"],
  ]

  /// The reason that a compiler cannot be used, or its error message.
  struct Failure: Error, Equatable {
    let reason: String
  }

  /// Finds the compiler of a vendor.
  init(of vendor: GPUVendor) throws(Failure) {
    let name = vendor == .amd ? "hiprtc" : "NVRTC"
    let library: SharedLibrary
    do {
      library = try SharedLibrary(firstOf: Self.libraries[vendor] ?? [])
    } catch {
      throw Failure(reason: "\(name) cannot be loaded: \(error.reason)")
    }
    var functions = RopeCompiler()
    if let missing = rope_load_compiler(library.handle, vendor == .amd ? 1 : 0, &functions) {
      throw Failure(reason: "\(library.name) has no \(String(cString: missing))")
    }
    var major: Int32 = 0
    var minor: Int32 = 0
    _ = functions.version(&major, &minor)
    self.functions = functions
    description = "\(name) \(major).\(minor) (\(library.name))"
  }

  /// The options for a target.
  ///
  /// `--fmad=false` keeps NVRTC from contracting products into additions; the source itself keeps clang from it.
  static func options(for target: KernelTarget) -> [String] {
    switch target {
    case .amd: ["--offload-arch=\(target)"]
    case .computeCapability: ["--gpu-architecture=\(target)", "--fmad=false"]
    }
  }

  /// Compiles the kernel in this process; hiprtc ends the process if it does not know the architecture.
  ///
  /// - Throws: ``Failure`` with what the compiler printed.
  func compile(for target: KernelTarget) throws(Failure) -> [UInt8] {
    var program: UnsafeMutableRawPointer?
    // The compiler reads no files, so it is given the headers, by the names that #include writes.
    let source = KernelSource.files[0], headers = KernelSource.files.dropFirst()
    let created = functions.create(
      &program, source.text, source.name, Int32(headers.count), headers.map(\.text), headers.map(\.name))
    guard created == 0, let program else {
      throw Failure(reason: "\(description) does not accept a program (result \(created))")
    }
    let options = Self.options(for: target)
    let result = Self.withCStrings(options) { functions.compile(program, Int32(options.count), $0) }
    guard result == 0 else {
      let log = contents(of: program, size: functions.log_size, bytes: functions.log) ?? []
      throw Failure(
        reason: "\(description) returned \(result) for \(options.joined(separator: " "))\n"
          + Self.text(log.prefix { $0 != 0 }).trimmingCharacters(in: .whitespacesAndNewlines))
    }
    guard let code = contents(of: program, size: functions.code_size, bytes: functions.code), !code.isEmpty else {
      throw Failure(reason: "\(description) returned no code for \(target)")
    }
    // PTX comes with the zero byte that ends a C string.
    return target.fileExtension == "ptx" ? code.prefix { $0 != 0 } : code
  }

  private func contents(
    of program: UnsafeMutableRawPointer,
    size: (UnsafeMutableRawPointer?, UnsafeMutablePointer<Int>?) -> Int32,
    bytes: (UnsafeMutableRawPointer?, UnsafeMutablePointer<CChar>?) -> Int32
  ) -> [UInt8]? {
    var count = 0
    guard size(program, &count) == 0 else { return nil }
    var buffer = [CChar](repeating: 0, count: count)
    guard bytes(program, &buffer) == 0 else { return nil }
    return buffer.map(UInt8.init(bitPattern:))
  }

  private static func text(_ bytes: some Collection<UInt8>) -> String { String(decoding: bytes, as: UTF8.self) }

  private static func withCStrings<Result>(
    _ texts: [String], _ body: (UnsafePointer<UnsafePointer<CChar>?>) -> Result
  ) -> Result {
    let copies = texts.map { text in
      let bytes = Array(text.utf8CString)
      let copy = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count)
      copy.initialize(from: bytes, count: bytes.count)
      return copy
    }
    defer { for copy in copies { copy.deallocate() } }
    return copies.map { Optional(UnsafePointer($0)) }.withUnsafeBufferPointer { pointers in
      // Not empty: every caller passes at least one text.
      withExtendedLifetime(pointers) { body(pointers.baseAddress.unsafelyUnwrapped) }
    }
  }
}
