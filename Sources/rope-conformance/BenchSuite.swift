import ArgumentParser
import Foundation
import Laboratory
import RoPE

struct BenchSuite: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measures the suite itself: the exact reference and the judging of outputs, on one core.",
    examples: ["bench-suite --tokens 100000"])

  @Option(help: ArgumentHelp("Number of tokens to rotate.", valueName: "count"))
  var tokens = 20_000

  func validate() throws {
    guard (1...10_000_000).contains(tokens) else {
      throw ValidationError("--tokens \(tokens): must be at least 1 and at most 10000000")
    }
  }

  func run() throws {
    for result in try ReferenceBenchmark(tokens: tokens).results() {
      try print(
        "reference, \(result.contract.rawValue) contract: "
          + "\(String(format: "%.2f", result.elementsPerSecond / 1e6)) million elements per second and core, "
          + "\(result.heads) heads of \(result.headDimension), \(result.widenedPairs) pairs widened")
    }
    for type in ElementType.allCases {
      let rate = try JudgingBenchmark(type: type, elementCount: 1 << 26).elementsPerSecond()
      try print("judging, \(type.rawValue): \(String(format: "%.0f", rate / 1e6)) million elements per second and core")
    }
  }
}
