import Devices
import Foundation
import Laboratory
import RoPE
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(30))) struct BenchmarkSchemaTests {
  @Test("The lines of a benchmark are what its schema says")
  func lines() throws {
    let schema = try JSONSchema(contentsOf: packageRoot.appending(path: "docs/bench.schema.json").path)
    var run = try BenchmarkRun(device: .host, samples: 1, packageVersion: "1")
    let shapes = BenchmarkShape.quick.filter { $0.isDecode && $0.elementType == .float32 }
    let missing = BenchmarkResult(notMeasured: shapes[0], reason: "none")
    let lines =
      try [BenchmarkRecord.header(run.header).line, BenchmarkRecord.result(missing).line]
      + shapes.map { try BenchmarkRecord.result(run.measure($0)).line }
    for line in lines { #expect(try schema.errors(in: line) == []) }
    let wrong = String(decoding: lines[2], as: UTF8.self).replacing("\"launches\":", with: "\"lunches\":")
    #expect(try schema.errors(in: Data(wrong.utf8)) != [])
  }
}
