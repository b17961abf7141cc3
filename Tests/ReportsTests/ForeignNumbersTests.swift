import Conformance
import Files
import Foundation
import TestSupport
import Testing

@testable import Reports

@Suite("Numbers of a report that comes from elsewhere") struct ForeignNumbersTests {
  /// The report of a case, twice under two names, with every count replaced.
  private func report(_ number: String) throws -> Data {
    let text = try String(
      contentsOf: packageRoot.appending(path: "Tests/Seeds/report/failing.json"), encoding: .utf8)
    let lines = text.split(separator: "\n").map(String.init)
    let changed = lines[1].replacing(/("[a-z_]*count"):[0-9]+/) { "\($0.1):\(number)" }
      .replacing(/"signed_error_sum":-?[0-9]+/, with: "\"signed_error_sum\":\(number)")
    let second = changed.replacingOccurrences(of: "single-token", with: "prompt")
    let header = lines[0].replacing(/"(total_)?case_count":1/) { "\"\($0.1 ?? "")case_count\":2" }
    return Data(([header, changed, second, lines[2]].joined(separator: "\n") + "\n").utf8)
  }

  @Test("No number stops the reader", arguments: [Int.max, Int.min, -1, 1 << 40])
  func numbers(_ number: Int) throws {
    let error = #expect(throws: ReportError.self) { try RunReport(report("\(number)"), path: "run.json") }
    // The cases were read and summed: what is wrong is that the summary has other sums.
    guard case .malformed("run.json", 4, let reason)? = error else {
      Issue.record("\(error as Any)")
      return
    }
    #expect(reason.contains("the summary is not that of the file's 2 cases"))
  }

  @Test(
    "A shard that does not exist is no part", arguments: [(0, 1), (2, 1), (1, 0), (1, 10_001), (1, Int.max), (-1, 3)])
  func shards(index: Int, count: Int) {
    let json = Data("{\"index\":\(index),\"count\":\(count)}".utf8)
    #expect(throws: DecodingError.self) { try JSONDecoder().decode(Shard.self, from: json) }
  }
}
