import Files
import RoPE

/// An error for a golden, a manifest or a fixtures folder that cannot be used: its path, the fault and the remedy.
package enum GoldenError: Error, Equatable, CustomStringConvertible {
  case unreadable(path: String, reason: String)
  case manifest(path: String, reason: String)
  /// A file or manifest that a newer version of this package wrote.
  case newerFormat(path: String, version: Int, supported: Int)
  /// A file or manifest that an older version of this package wrote.
  case olderFormat(path: String, version: Int, supported: Int)
  case checksum(path: String, expected: String, found: String)
  case unknownCase(name: String, known: [String])
  /// Something in a file that contradicts the format.
  case malformed(path: String, object: String, reason: String)
  /// A stored row of a long sequence is not the one that the reference computes.
  case sampledRow(caseName: String, token: Int)

  package var description: String {
    switch self {
    case .unreadable(let path, let reason):
      "cannot read '\(path.visible)': \(reason); restore the file, or generate the goldens again"
    case .manifest(let path, let reason):
      "manifest '\(path.visible)': \(reason); 'rope-conformance generate' writes a new one"
    case .newerFormat(let path, let version, let supported):
      "'\(path.visible)' has format version \(version), but this version reads \(supported): update rope-conformance"
    case .olderFormat(let path, let version, let supported):
      "'\(path.visible)' has format version \(version), but this version reads \(supported): 'rope-conformance generate' writes "
        + "it anew"
    case .checksum(let path, let expected, let found):
      "'\(path.visible)' has SHA-256 \(found), but the manifest says \(expected): the file is damaged or belongs to another "
        + "manifest; restore both, or generate them again"
    case .unknownCase(let name, let known):
      "no case '\(name.visible)'\(known.suggestion(for: name, list: "'list'"))"
    case .malformed(let path, let object, let reason):
      "'\(path.visible)', \(object): \(reason); 'rope-conformance generate' rewrites the file"
    case .sampledRow(let caseName, let token):
      "\(caseName): the stored row of token \(token) differs from the exact one; generate the golden again"
    }
  }
}
