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

  @Test("A damaged file has another checksum", arguments: ["truncated", "empty", "one bit"])
  func damagedFile(_ damage: String) throws {
    let (error, path) = try error { folder in
      var bytes = try folder.bytes("gpt2.h5")
      switch damage {
      case "truncated": bytes.removeLast(bytes.count / 2)
      case "empty": bytes = Data()
      default: bytes[bytes.count / 2] ^= 0x10
      }
      try folder.write(bytes, to: "gpt2.h5")
    }
    guard case .checksum("\(path)/gpt2.h5", let expected, let found) = error else { return unexpected(error) }
    #expect(expected != found && expected.count == 64 && found.count == 64)
    #expect("\(error)".contains("\(path)/gpt2.h5"))
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
