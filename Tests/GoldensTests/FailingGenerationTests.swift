import Files
import Foundation
import Models
import RoPE
import TestSupport
import Testing

@testable import Goldens

@Suite("A generation that fails") struct FailingGenerationTests {
  private let models: [Model]

  init() throws { models = [try Model.named("gpt2")] }

  private func isUnwritable(_ error: any Error, at path: String) -> Bool {
    guard case FileError.unwritable(path, let reason) = error else { return false }
    return !reason.isEmpty && "\(error)".contains(path)
  }

  @Test("A directory in the place of a file stays, and so does everything else")
  func targetIsADirectory() throws {
    let folder = try TemporaryFolder(), target = folder.path("gpt2.h5")
    _ = try FixtureGenerator(models).generate(into: folder.path)
    try FileManager.default.removeItem(atPath: target)
    try FileManager.default.createDirectory(atPath: target + "/inner", withIntermediateDirectories: true)
    let before = folder.content()
    let error = try #require(throws: FileError.self) {
      try FixtureGenerator(models).generate(into: folder.path)
    }
    #expect(isUnwritable(error, at: target), "\(error)")
    #expect(folder.content() == before)
    #expect(FileManager.default.fileExists(atPath: target + "/inner"))
  }

  @Test("A failure at the manifest leaves the old one")
  func manifestIsADirectory() throws {
    let folder = try TemporaryFolder(), target = folder.path("MANIFEST.json")
    try FileManager.default.createDirectory(atPath: target + "/inner", withIntermediateDirectories: true)
    let error = try #require(throws: FileError.self) {
      try FixtureGenerator(models).generate(into: folder.path)
    }
    #expect(isUnwritable(error, at: target), "\(error)")
    #expect(Set(folder.content().keys) == ["MANIFEST.json"])
  }

  @Test func folderLiesBelowARegularFile() throws {
    let folder = try TemporaryFolder(), below = folder.path("file/below")
    try folder.write(Data("text".utf8), to: "file")
    let error = try #require(throws: FileError.self) {
      try FixtureGenerator(models).generate(into: below)
    }
    #expect(isUnwritable(error, at: below), "\(error)")
    #expect(folder.content() == ["file": Data("text".utf8)])
  }
}
