import Foundation
import Goldens
import Reference
import RoPE

/// The speed of the exact reference under each contract: three heads of 128 channels, far positions.
package struct ReferenceBenchmark {
  /// The measurement of one contract.
  package struct Result: Sendable {
    package let contract: Contract
    package let elementsPerSecond: Double
    /// The number of heads of each token that were rotated, and of their channels.
    package let heads: Int
    package let headDimension: Int
    /// Pairs that float64 could not decide.
    package let widenedPairs: Int
  }

  private static let heads = 3
  private static let firstPosition: Int64 = 100_000
  /// Rows of the table, which tokens share.
  private static let largestRowCount = 512

  private let tokens: Int
  private let plan: Plan

  /// - Parameter tokens: the number of tokens to rotate under each contract.
  /// - Throws: `ConfigurationError`, which does not happen.
  package init(tokens: Int) throws {
    self.tokens = tokens
    plan = try Plan(Configuration(headDimension: 128, rotaryDimension: 128, pairing: .half, base: 1e4))
  }

  /// Measures each contract in turn, on one core.
  package func results() -> some Sequence<Result> {
    let positions = Positions((0..<Int64(tokens)).map { Self.firstPosition + $0 })
    let tables = ExactTables(plan)
    let table = tables.cosSin(
      positions: positions.ofTokens(0..<min(Self.largestRowCount, tokens)), type: .float32)
    let angles: [Angles] = [
      .table(table, rows: (0..<tokens).map { Int32($0 % table.rowCount) }),
      .frequencies(tables.inverseFrequencies32(), attentionFactor: 1, positions),
      .positions(positions),
    ]
    return angles.lazy.map(result)
  }

  private func result(_ angles: Angles) -> Result {
    let hash = InputHash(seed: 1)
    let input = (0..<Self.heads * plan.headDimension).map {
      ElementType.float32.value(ofBits: hash.element(at: $0, type: .float32))
    }
    var output = input
    let rotation = ExactRotation(plan: plan, angles: angles)
    let elapsed = ContinuousClock().measure {
      for token in 0..<tokens {
        input.withUnsafeBufferPointer { input in
          output.withUnsafeMutableBufferPointer { rotation.rotate(token: token, input: input, output: $0) }
        }
      }
    }
    return Result(
      contract: angles.contract, elementsPerSecond: Double(tokens * input.count) / (elapsed / .seconds(1)),
      heads: Self.heads, headDimension: plan.headDimension, widenedPairs: rotation.widenedPairs)
  }
}
