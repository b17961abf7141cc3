import Foundation
import Testing

@testable import Goldens
@testable import Models

@Suite struct FixturesTests {
  private let file = "small-unrotated.h5"

  private func generated() throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    _ = try FixtureGenerator(models: [.smallUnrotated]).generate(into: folder.path)
    return folder
  }

  /// The message of opening the folder and reading its first case, or nil where that succeeds.
  private func message(_ folder: borrowing TemporaryFolder) -> String? {
    do {
      let fixtures = try Fixtures(path: folder.path)
      _ = try fixtures.golden(named: "small-unrotated/f32/prompt/none")
      return nil
    } catch {
      return (error as? GoldenError)?.description ?? "not a GoldenError: \(error)"
    }
  }

  @Test("A damaged file is refused by its checksum, before it is opened")
  func damaged() throws {
    let folder = try generated()
    #expect(message(folder) == nil)
    let bytes = try folder.bytes(file)
    for damaged in [bytes.dropLast(), Data(), bytes + [0]] {
      try folder.write(Data(damaged), to: file)
      let text = message(folder) ?? "no error"
      #expect(text.contains(folder.path(file)) && text.contains("SHA-256"), "\(text)")
    }
    try FileManager.default.removeItem(atPath: folder.path(file))
    let text = message(folder) ?? "no error"
    #expect(text.contains("cannot read '\(folder.path(file))'"), "\(text)")
  }

  @Test("A manifest that cannot be used says why")
  func manifest() throws {
    let folder = try generated()
    let good = String(decoding: try folder.bytes("MANIFEST.json"), as: UTF8.self)
    let edits = [
      (good.replacing("\"format_version\" : 1", with: "\"format_version\" : 2"), "has format version 2"),
      (good.replacing("\"\(file)\"", with: "\"../\(file)\""), "'../\(file)' is not the name of a file in its folder"),
      (good.replacing("\"\(file)\"", with: "\"..\""), "'..' is not the name of a file in its folder"),
      (good.replacing("\"files\"", with: "\"folders\""), "is no manifest"),
      (good.replacing("\"sha256\"", with: "\"sha512\""), "is no manifest"),
      (good.replacing("\"format_version\"", with: "\"version\""), "is no manifest"),
      (good.replacing("\"no RoPE\"", with: "\"some RoPE\""), "is no manifest"),
      (String(good.dropLast(3)), "is no manifest"), ("", "is no manifest"), ("[]", "is no manifest"),
    ]
    for (text, reason) in edits {
      #expect(text != good)
      try folder.write(Data(text.utf8), to: "MANIFEST.json")
      let found = message(folder) ?? "no error"
      #expect(found.contains(folder.path("MANIFEST.json")) && found.contains(reason), "\(found)")
    }
    try FileManager.default.removeItem(atPath: folder.path("MANIFEST.json"))
    let found = message(folder) ?? "no error"
    #expect(found.contains(folder.path("MANIFEST.json")) && found.contains("cannot be read"), "\(found)")
  }

  @Test("An unknown case is refused with the names closest to it")
  func unknownCase() throws {
    let folder = try generated()
    let fixtures = try Fixtures(path: folder.path)
    let error = #expect(throws: GoldenError.self) { try fixtures.golden(named: "small-unrotated/f32/promt/none") }
    #expect(error?.description.contains("small-unrotated/f32/") == true)
  }
}
