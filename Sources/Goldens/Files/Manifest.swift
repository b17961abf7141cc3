import Files
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
  /// The most bytes of a manifest, and of a golden file; far more than any has.
  static let largestCount = 1 << 30, largestFileCount = 1 << 36
  /// The most output elements of a case.
  private static let largestElementCount = 1 << 40

  /// Checks names and numbers, so that whoever uses them need not; `path` is for errors.
  ///
  /// - Throws: ``GoldenError/manifest(path:reason:)``.
  func check(path: String) throws(GoldenError) {
    var known = Set<String>()
    func check(name: String, _ isRight: Bool, _ words: String) throws(GoldenError) {
      guard isRight, name == name.visible else {
        throw .manifest(path: path, reason: "'\(name.visible)' is not \(words)")
      }
      guard known.insert(name).inserted else { throw .manifest(path: path, reason: "'\(name)' is listed twice") }
    }
    func check(_ count: Int, of name: String, isIn range: ClosedRange<Int>, _ unit: String) throws(GoldenError) {
      guard range.contains(count) else { throw .manifest(path: path, reason: "'\(name)' has \(count) \(unit)") }
    }
    for file in files {
      // A name with a slash could lead out of the folder.
      let isName = file.name.hasSuffix(".h5") && !file.name.contains("/")
      try check(name: file.name, isName, "the name of an .h5 file in the same folder")
      try check(file.byteCount, of: file.name, isIn: 1...Self.largestFileCount, "bytes")
      for entry in file.cases {
        let names = entry.name.split(separator: "/", omittingEmptySubsequences: false)
        try check(name: entry.name, names.allSatisfy { !$0.isEmpty }, "the name of a case")
        try check(entry.elementCount, of: entry.name, isIn: 0...Self.largestElementCount, "elements")
      }
    }
  }
}

extension Manifest.Entry {
  init(_ goldenCase: Case) {
    self.init(
      name: goldenCase.name, section: goldenCase.section, flags: goldenCase.flags,
      elementCount: goldenCase.elementCount)
  }
}
