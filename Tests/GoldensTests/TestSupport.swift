import Foundation
import RoPE

@testable import Goldens
@testable import Models

/// A folder of its own for one test, removed when the test ends.
struct TemporaryFolder: ~Copyable {
  let path = FileManager.default.temporaryDirectory.appending(path: "goldens-tests-\(UUID().uuidString)").path

  init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func path(_ name: String) -> String { "\(path)/\(name)" }

  func bytes(_ name: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: path(name))) }

  func write(_ bytes: Data, to name: String) throws { try bytes.write(to: URL(fileURLWithPath: path(name))) }

  func names() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: path).sorted() }
}

extension Model {
  /// Few channels, so that goldens are quick, and every value other than the usual one.
  static let small = Model(
    name: "small", source: "tests",
    configuration: Configuration(
      headDimension: 8, rotaryDimension: 4, rotaryOffset: 2, pairing: .interleaved, outputPairing: .half, base: 5e4,
      attentionFactor: 1.5))

  /// Without RoPE, whose goldens need no exact arithmetic.
  static let smallUnrotated = Model(
    name: "small-unrotated", source: "tests", configuration: .withoutRoPE(headDimension: 4))
}

extension Recipe {
  /// A case of the small model.
  static func small(
    _ placed: PlacedWorkload, _ type: ElementType, _ contract: Contract, table: ElementType? = nil
  ) -> Recipe {
    let model = contract == .unrotated ? Model.small.withoutRoPE : .small
    return Recipe(
      goldenCase: Case(
        model: model.name, configuration: model.configuration, workload: placed.workload, elementType: type,
        contract: contract, tableType: table),
      positions: placed.positions)
  }

  /// A sampled case of 20 tokens.
  static let smallSampled = small(
    PlacedWorkload(
      Workload("sampled", .largeSequence, sequence: 20, heads: (2, 1), isSampled: true), Array(0..<20)),
    .float32, .position)
}

extension Golden {
  /// Equality in which a NaN equals itself.
  func hasSameBits(as other: Golden) -> Bool {
    func same(_ first: [Double], _ second: [Double]) -> Bool {
      first.map(\.bitPattern) == second.map(\.bitPattern)
    }
    guard goldenCase == other.goldenCase, plan == other.plan, positions == other.positions,
      same(inverseFrequencies, other.inverseFrequencies)
    else { return false }
    switch (content, other.content) {
    case (.stored(let first), .stored(let second)):
      return first.angles == second.angles && first.query == second.query && first.key == second.key
        && same(first.expectedQuery, second.expectedQuery) && same(first.expectedKey, second.expectedKey)
    case (.sampled(let first), .sampled(let second)):
      return first.tokens == second.tokens && same(first.expectedQuery, second.expectedQuery)
        && same(first.expectedKey, second.expectedKey)
    default:
      return false
    }
  }
}
