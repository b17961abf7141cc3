import ArgumentParser
import Conformance
import Foundation
import Goldens
import Models
import Reference
import RoPE

struct BenchSuite: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measures the suite itself: the exact reference and the judging of outputs, on one core.")

  @Option(help: "Tokens to rotate.")
  var tokens = 20_000

  func validate() throws {
    guard (1...10_000_000).contains(tokens) else {
      throw ValidationError("--tokens \(tokens) must lie between 1 and 10000000")
    }
  }

  func run() throws {
    try measureReference()
    for type in ElementType.allCases {
      let rate = try JudgingBenchmark(type: type, elementCount: 1 << 26).elementsPerSecond()
      print("judging, \(type.rawValue): \(String(format: "%.0f", rate / 1e6)) million elements per second and core")
    }
  }

  private func measureReference() throws {
    let plan = try Plan(Configuration(headDimension: 128, rotaryDimension: 128, pairing: .half, base: 1e4))
    let positions = (0..<Int64(tokens)).map { 100_000 + $0 }
    let tables = ExactTables(plan)
    let table = tables.cosSin(positions: Array(positions.prefix(512)), type: .float32)
    let calls: [(String, Angles)] = [
      ("table", .table(table, rows: positions.map { Int32($0 % Int64(table.rowCount)) })),
      ("frequency", .frequencies(tables.inverseFrequencies32(), attentionFactor: 1, positions: positions)),
      ("position", .positions(positions)),
    ]
    let hash = InputHash(seed: 1)
    let input = (0..<3 * plan.headDimension).map {
      ElementType.float32.value(ofBits: hash.element(at: $0, type: .float32))
    }
    var output = input
    for (name, angles) in calls {
      let rotation = ExactRotation(plan: plan, angles: angles)
      let elapsed = ContinuousClock().measure {
        for token in 0..<tokens {
          input.withUnsafeBufferPointer { input in
            output.withUnsafeMutableBufferPointer { rotation.rotate(token: token, input: input, output: $0) }
          }
        }
      }
      let seconds = Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) * 1e-18
      let rate = Double(tokens * input.count) / seconds
      print(
        "reference, \(name) contract: \(String(format: "%.2f", rate / 1e6)) million elements per second and core, "
          + "3 heads of \(plan.headDimension), \(rotation.widenedPairs) pairs widened")
    }
  }
}
