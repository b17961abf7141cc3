import Foundation
import Models
import RoPE
import TestSupport
import Testing

@testable import Goldens

/// Folders with damaged files or a damaged manifest: each has its own error, which names the file.
@Suite struct BadFolderTests {
  private static let name = "gpt2/f32/single-token/none"

  /// Writes a folder, damages it, and returns the error of reading a case.
  private func error(
    _ damage: (borrowing TemporaryFolder) throws -> Void
  ) throws -> (error: GoldenError, path: String) {
    let folder = try TemporaryFolder()
    _ = try FixtureGenerator([Model.named("gpt2")]).generate(into: folder.path)
    _ = try Fixtures(path: folder.path).golden(named: Self.name)
    try damage(folder)
    let path = folder.path
    let error = try #require(throws: GoldenError.self) { try Fixtures(path: path).golden(named: Self.name) }
    return (error, path)
  }

  /// Changes the text of a manifest.
  private func manifestError(_ change: (String) -> String) throws -> (error: GoldenError, path: String) {
    try error { folder in
      let text = String(decoding: try folder.bytes("MANIFEST.json"), as: UTF8.self), changed = change(text)
      #expect(changed != text)
      try folder.write(Data(changed.utf8), to: "MANIFEST.json")
    }
  }

  @Test func missingFile() throws {
    let (error, path) = try error { try FileManager.default.removeItem(atPath: $0.path("gpt2.h5")) }
    guard case .unreadable("\(path)/gpt2.h5", let reason) = error else { return unexpected(error) }
    #expect(!reason.isEmpty)
  }

  @Test("A damaged file has another checksum")
  func damagedFile() throws {
    let (error, path) = try error { folder in
      var bytes = try folder.bytes("gpt2.h5")
      bytes[bytes.count / 2] ^= 0x10
      try folder.write(bytes, to: "gpt2.h5")
    }
    guard case .checksum("\(path)/gpt2.h5", let expected, let found) = error else { return unexpected(error) }
    #expect(expected != found && expected.count == 64 && found.count == 64)
    #expect("\(error)".contains("\(path)/gpt2.h5"))
  }

  @Test("A file of another size, or that is no file, is refused before it is read", arguments: [-1, 0, 1, nil])
  func otherSize(_ change: Int?) throws {
    let (error, path) = try error { folder in
      var bytes = try folder.bytes("gpt2.h5")
      switch change {
      case nil:
        try FileManager.default.removeItem(atPath: folder.path("gpt2.h5"))
        #expect(mkfifo(folder.path("gpt2.h5"), 0o600) == 0)
        return
      case 0?: bytes = Data()
      case 1?: bytes.append(0)
      default: bytes.removeLast()
      }
      try folder.write(bytes, to: "gpt2.h5")
    }
    guard case .unreadable("\(path)/gpt2.h5", let reason) = error else { return unexpected(error) }
    #expect(reason.contains(change == nil ? "it is a pipe" : "the manifest says "))
  }

  @Test(
    "Names and numbers that a manifest cannot have",
    arguments: [
      ("\"element_count\" : [0-9]+", "\"element_count\" : 9223372036854775807", "elements"),
      ("\"element_count\" : [0-9]+", "\"element_count\" : -1", "elements"),
      ("\"byte_count\" : [0-9]+", "\"byte_count\" : -5", "bytes"),
      ("\"name\" : \"gpt2/f32/single-token/none\"", "\"name\" : \"gpt2/f16/single-token/none\"", "twice"),
      ("\"name\" : \"gpt2/f32/single-token/none\"", "\"name\" : \"gpt2\\\\u001b/f32/a/none\"", "name of a case"),
    ])
  func impossible(_ pattern: String, _ replacement: String, _ word: String) throws {
    let (error, path) = try manifestError {
      $0.replacingOccurrences(of: pattern, with: replacement, options: .regularExpression)
    }
    guard case .manifest("\(path)/MANIFEST.json", let reason) = error else { return unexpected(error) }
    #expect(reason.contains(word), "\(reason)")
    #expect(!reason.contains("\u{1B}"))
  }

  @Test("A folder without a manifest, and manifests that are none")
  func noManifest() throws {
    let missing = try error { try FileManager.default.removeItem(atPath: $0.path("MANIFEST.json")) }
    let damaged = [
      missing, try manifestError { _ in "" }, try manifestError { String($0.dropLast(9)) },
      try manifestError { $0.replacingOccurrences(of: "\"format_version\"", with: "\"version\"") },
      try manifestError { $0.replacingOccurrences(of: "\"sha256\"", with: "\"sha\"") },
      try manifestError { $0.replacingOccurrences(of: "\"no RoPE\"", with: "\"no such section\"") },
    ]
    for (error, path) in damaged {
      guard case .manifest("\(path)/MANIFEST.json", let reason) = error else { return unexpected(error) }
      #expect(reason.contains("cannot be read") == (error == missing.error))
      #expect("\(error)".contains("\(path)/MANIFEST.json") && "\(error)".contains(reason))
    }
  }

  @Test("A manifest that lacks a key says which")
  func namesTheKey() throws {
    let (error, _) = try manifestError { $0.replacingOccurrences(of: "\"byte_count\"", with: "\"size\"") }
    #expect("\(error)".contains("byte_count"))
  }

  @Test(
    "A manifest does not reach outside of its folder",
    arguments: ["../gpt2.h5", "/tmp/gpt2.h5", "inner/gpt2.h5", "..", ".", "", "MANIFEST.json"])
  func outside(_ name: String) throws {
    let (error, path) = try manifestError { $0.replacingOccurrences(of: "\"gpt2.h5\"", with: "\"\(name)\"") }
    guard case .manifest("\(path)/MANIFEST.json", let reason) = error else { return unexpected(error) }
    #expect(reason.contains("'\(name)'"))
  }

  @Test func newerManifest() throws {
    let newer = GoldenFormat.version + 1
    let (error, path) = try manifestError {
      // A newer version may look different in every other respect.
      $0.replacingOccurrences(
        of: "\"format_version\" : \(GoldenFormat.version)", with: "\"format_version\" : \(newer)"
      )
      .replacingOccurrences(of: "\"files\"", with: "\"archives\"")
    }
    let version = GoldenFormat.version
    #expect(error == .newerFormat(path: "\(path)/MANIFEST.json", version: newer, supported: version))
  }

  @Test func olderManifest() throws {
    let version = GoldenFormat.version
    let (error, path) = try manifestError {
      $0.replacingOccurrences(of: "\"format_version\" : \(version)", with: "\"format_version\" : 1")
    }
    #expect(error == .olderFormat(path: "\(path)/MANIFEST.json", version: 1, supported: version))
  }

  @Test func unknownCase() throws {
    let folder = try TemporaryFolder()
    _ = try FixtureGenerator([Model.named("gpt2")]).generate(into: folder.path)
    let path = folder.path
    let error = try #require(throws: GoldenError.self) {
      try Fixtures(path: path).golden(named: "gpt2/f32/single-tokens/none")
    }
    guard case .unknownCase("gpt2/f32/single-tokens/none", _) = error else { return unexpected(error) }
    #expect("\(error)".hasPrefix("no case 'gpt2/f32/single-tokens/none'; nearest: gpt2/f32/single-token/none, "))
    #expect("\(error)".hasSuffix("; 'list' shows all names"))
  }

  private func unexpected(_ error: GoldenError) { Issue.record("\(error)") }
}
