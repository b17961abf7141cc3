import Foundation
import HDF5
import Models
import RoPE
import Testing

@testable import Goldens

/// A folder of its own for one test, removed when the test ends.
struct TemporaryFolder: ~Copyable {
  let path = FileManager.default.temporaryDirectory.appending(path: "goldens-tests-\(UUID().uuidString)").path

  init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func path(_ name: String) -> String { "\(path)/\(name)" }

  func bytes(_ name: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: path(name))) }

  func write(_ bytes: Data, to name: String) throws { try bytes.write(to: URL(fileURLWithPath: path(name))) }

  /// Every file of the folder with its bytes; a folder in it has none.
  func content() throws -> [String: Data] {
    let names = try FileManager.default.contentsOfDirectory(atPath: path)
    return Dictionary(uniqueKeysWithValues: names.map { ($0, (try? bytes($0)) ?? Data()) })
  }
}

extension Golden {
  /// `==`, but every NaN equals itself.
  func isIdentical(to other: Golden) -> Bool {
    goldenCase == other.goldenCase && plan == other.plan && positions == other.positions
      && inverseFrequencies == other.inverseFrequencies && attentionFactor == other.attentionFactor
      && content.isIdentical(to: other.content)
  }
}

extension Golden.Content {
  fileprivate func isIdentical(to other: Golden.Content) -> Bool {
    switch (self, other) {
    case (.stored(let mine), .stored(let theirs)):
      mine.angles == theirs.angles && mine.query == theirs.query && mine.key == theirs.key
        && mine.expectedQuery.bits == theirs.expectedQuery.bits && mine.expectedKey.bits == theirs.expectedKey.bits
    case (.sampled(let mine), .sampled(let theirs)):
      mine.tokens == theirs.tokens && mine.expectedQuery.bits == theirs.expectedQuery.bits
        && mine.expectedKey.bits == theirs.expectedKey.bits
    default: false
    }
  }
}

extension [Double] {
  fileprivate var bits: [UInt64] { map(\.bitPattern) }
}

extension Recipe {
  /// The case of a bundled model that has a name, without the model's.
  static func bundled(_ model: String, _ name: String) throws -> Recipe {
    let model = try Model.named(model)
    return try #require(all(for: model).first { $0.goldenCase.name == "\(model.name)/\(name)" })
  }
}
