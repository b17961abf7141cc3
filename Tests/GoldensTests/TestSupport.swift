import Foundation
import HDF5
import Models
import RoPE
import TestSupport
import Testing

@testable import Goldens

extension TemporaryFolder {
  /// Every file of the folder with its bytes; subfolders have none.
  func content() -> [String: Data] {
    var content: [String: Data] = [:]
    for name in names() { content[name] = (try? bytes(name)) ?? Data() }
    return content
  }
}

extension Golden {
  /// `==`, except that every NaN equals itself.
  func isIdentical(to other: Golden) -> Bool {
    goldenCase == other.goldenCase && plan == other.plan && positions == other.positions
      && inverseFrequencies == other.inverseFrequencies && attentionFactor == other.attentionFactor
      && angles == other.angles && content.isIdentical(to: other.content)
  }
}

extension Golden.Content {
  fileprivate func isIdentical(to other: Golden.Content) -> Bool {
    switch (self, other) {
    case (.stored(let mine), .stored(let theirs)):
      mine.tensors.map(\.input) == theirs.tensors.map(\.input)
        && mine.tensors.map(\.expected.bits) == theirs.tensors.map(\.expected.bits)
    case (.computed(let mine), .computed(let theirs)):
      mine.samples?.tokens == theirs.samples?.tokens
        && mine.samples?.expected.map(\.bits) == theirs.samples?.expected.map(\.bits)
    default: false
    }
  }
}

extension [Double] {
  fileprivate var bits: [UInt64] { map(\.bitPattern) }
}

extension Recipe {
  /// The case of a bundled model by its name, without the model's.
  static func bundled(_ model: String, _ name: String) throws -> Recipe {
    let model = try Model.named(model)
    return try #require(all(for: model).first { $0.goldenCase.name == "\(model.name)/\(name)" })
  }
}
