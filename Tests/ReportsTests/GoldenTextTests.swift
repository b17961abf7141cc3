import Foundation
import Goldens
import RoPE
import TestSupport
import Testing

@testable import Reports

@Suite struct GoldenTextTests {
  @Test(
    "Each tensor shows the beginning of its last row, in every layout", arguments: ["bhsd", "ragged", "batch"])
  func lastRows(_ workload: String) throws {
    let fixtures = try Fixtures(path: packageRoot.appending(path: "Fixtures").path)
    let name = try #require(
      fixtures.manifest.cases.map(\.name).first { $0.hasPrefix("glm-4.5/") && $0.contains("/\(workload)/") })
    let golden = try fixtures.golden(named: name)
    let truth = try #require(golden.truth as? StoredTruth)
    let lines = golden.text.split(separator: "\n").map(String.init)
    let count = golden.plan.headDimension
    for tensor in [TensorName.query, .key] {
      // The last head of the last token ends a tensor in every layout.
      let stored = truth.tensors[tensor]
      for (start, values) in [("", stored.input.values), ("expected ", stored.expected)] {
        let first = values.suffix(count).prefix(4).map { "\($0)" }.joined(separator: " ")
        let line = "\(start)\(tensor.rawValue), last row: \(first) … (\(count) in all)"
        #expect(lines.contains(line), "\(golden.text)")
      }
    }
  }
}
