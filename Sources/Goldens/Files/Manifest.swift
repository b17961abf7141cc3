import RoPE

/// The content of a fixtures folder: its files with their checksums, and the cases of each.
package struct Manifest: Codable, Sendable, Equatable {
  /// One golden file.
  package struct File: Codable, Sendable, Equatable {
    /// The name within the folder.
    package let name: String
    /// The SHA-256 of the file's bytes, in lowercase hexadecimal.
    package let sha256: String
    /// The size of the file in bytes.
    package let byteCount: Int
    /// Its cases, in the order in which they were generated.
    package let cases: [Entry]

    enum CodingKeys: String, CodingKey {
      case name, sha256, cases
      case byteCount = "byte_count"
    }
  }

  /// One case of a file.
  package struct Entry: Codable, Sendable, Equatable {
    /// The name of the case.
    package let name: String
    /// The part of the suite that it belongs to.
    package let section: Workload.Section
    /// The ids of the published bugs that it catches, ascending.
    package let flags: [String]
    /// Output elements of Q and K.
    package let elementCount: Int

    enum CodingKeys: String, CodingKey {
      case name, section, flags
      case elementCount = "element_count"
    }
  }

  /// The version of manifest and files.
  package let formatVersion: Int
  /// The files, in the order of the models.
  package let files: [File]

  enum CodingKeys: String, CodingKey {
    case files
    case formatVersion = "format_version"
  }

  /// Every case in the order of the files.
  package var cases: [Entry] { files.flatMap(\.cases) }

  static let fileName = "MANIFEST.json"
}

extension Manifest.Entry {
  init(_ goldenCase: Case) {
    self.init(
      name: goldenCase.name, section: goldenCase.section, flags: goldenCase.flags,
      elementCount: goldenCase.elementCount)
  }
}
