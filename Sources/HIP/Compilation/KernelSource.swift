import KernelText
import SHA256

/// The source of the kernel, as this program was built with it.
enum KernelSource {
  /// What names the source in files that were compiled from it: the SHA-256 of the source and its header, in hexadecimal.
  static let digest = SHA256.hexadecimal(of: KernelText.source + KernelText.header)
}
