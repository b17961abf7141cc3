import RoPE

/// What a fixtures folder holds: its files with their checksums, and the cases of each.
public struct Manifest: Codable, Sendable, Equatable {
  /// One golden file.
  public struct File: Codable, Sendable, Equatable {
    /// The name within the folder.
    public let name: String
    /// The SHA-256 of the file's bytes, in lowercase hexadecimal.
    public let sha256: String
    /// The size of the file in bytes.
    public let byteCount: Int
    /// Its cases, in the order in which they were generated.
    public let cases: [Entry]

    enum CodingKeys: String, CodingKey {
      case name, sha256, cases
      case byteCount = "byte_count"
    }
  }

  /// One case of a file.
  public struct Entry: Codable, Sendable, Equatable {
    /// The name of the case.
    public let name: String
    /// The part of the suite that it belongs to.
    public let section: Workload.Section
    /// The ids of the published bugs that it catches, ascending.
    public let flags: [String]
    /// Output elements of Q and K.
    public let elementCount: Int

    enum CodingKeys: String, CodingKey {
      case name, section, flags
      case elementCount = "element_count"
    }
  }

  /// The version of manifest and files.
  public let formatVersion: Int
  /// The files, in the order of the models.
  public let files: [File]

  enum CodingKeys: String, CodingKey {
    case files
    case formatVersion = "format_version"
  }

  /// Every case in the order of the files.
  public var cases: [Entry] { files.flatMap(\.cases) }

  static let fileName = "MANIFEST.json"
}

extension Manifest.Entry {
  init(_ goldenCase: Case) {
    let workload = goldenCase.workload
    self.init(
      name: goldenCase.name, section: goldenCase.section, flags: goldenCase.flags,
      elementCount: workload.tokenCount * (workload.queryHeads + workload.keyHeads)
        * goldenCase.convention.headDimension)
  }
}
