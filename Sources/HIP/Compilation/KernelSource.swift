import Crypto
import Foundation
import KernelText
import RoPE

/// The source of the kernel, as this program was built with it.
enum KernelSource {
  /// What names the source in files that were compiled from it: the SHA-256 of the source and its header, in hexadecimal.
  static let digest = sha256(KernelText.source + KernelText.header)

  /// The SHA-256 of bytes in hexadecimal.
  static func sha256(_ bytes: [UInt8]) -> String {
    SHA256.hash(data: bytes).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
  }
}
