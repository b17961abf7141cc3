import Foundation
import RoPE
import TestSupport
import Testing

@testable import Devices
@testable import Laboratory

@Suite(.timeLimit(.minutes(30))) struct BenchmarkTests {
  private func shape(_ tokens: Int, _ contract: Contract, _ layout: BenchmarkShape.Layout = .contiguous)
    -> BenchmarkShape
  {
    BenchmarkShape(
      model: "glm-4-9b-chat", tokens: tokens, elementType: .float32, pairing: .half, layout: layout, contract: contract)
  }

  @Test("Every shape that the page names, once")
  func shapes() {
    let all = BenchmarkShape.all
    // 3 models, 8 lengths, 3 element types, 3 contracts, 2 pairings, 2 layouts.
    let names = Set(all.map(\.name))
    #expect(names.count == 864)
    #expect(Set(all.map(\.tokens)) == [1, 8, 64, 256, 2_048, 8_192, 32_768, 131_072])
    #expect(all.first { $0.tokens == 131_072 }?.name == "glm-4-9b-chat/f32/prefill-128k/half/contiguous/table")
    #expect(!BenchmarkShape.quick.isEmpty)
  }

  @Test("Bytes: Q and K twice, and what the contract needs", arguments: BenchmarkShape.Layout.allCases)
  func bytes(layout: BenchmarkShape.Layout) throws {
    var run = try BenchmarkRun(device: .host, samples: 1, packageVersion: "1")
    // 32 query and 2 key heads of 128 channels of 4 bytes; 32 pairs rotate.
    let tensors = 2 * 8 * 34 * 128 * 4
    let angles: [(Contract, Int)] = [
      (.table, 8 * 4 + 2 * 8 * 32 * 4), (.frequency, 8 * 8 + 32 * 4), (.position, 8 * 8 + 32 * 8),
    ]
    for (contract, count) in angles {
      let result = try run.measure(shape(8, contract, layout))
      let found = try #require(result.measurement, "\(result.reason ?? "")")
      #expect(found.bytes == tensors + count, "\(contract)")
      #expect(found.copyBytes == tensors)
      #expect(found.seconds > 0 && found.copySeconds > 0)
      #expect(found.emptySeconds == nil)
      #expect((found.plainSeconds != nil) == (contract == .table))
      #expect(found.shareOfCopy == Double(found.bytes) / found.seconds / (Double(tensors) / found.copySeconds))
    }
  }

  @Test("A GPU has an empty launch to compare with; too little memory is a reason, not an end")
  func gpuAndMemory() throws {
    let fake = try FakeDriver(.nvidia)
    let kernels = KernelFinder(folder: try TemporaryFolder.kernels("compute_80"))
    let driver = try CUDADriver(libraries: [fake.path], kernels: kernels)
    var run = try BenchmarkRun(device: Device(runtime: driver.device(index: 0)), samples: 1, packageVersion: "1")
    let decode = try run.measure(shape(8, .position))
    // The fake timer says 5 µs for any number of launches.
    let found = try #require(decode.measurement, "\(decode.reason ?? "")")
    #expect(found.multipleOfEmpty.map { abs($0 - 1) < 1e-6 } == true)
    #expect(fake.calls().contains { $0.hasPrefix("cuLaunchKernel position_embeddings_nothing") })
    var full = try BenchmarkRun(device: Device(runtime: FullRuntime()), samples: 1, packageVersion: "1")
    let missing = try full.measure(shape(8, .position))
    #expect(missing.measurement == nil)
    #expect(missing.reason?.contains("GiB are free on the device") == true)
    let little = BenchmarkRun.TooLittleMemory(needed: 3 << 30, free: 5 << 28)
    #expect(little.description == "it needs 3.0 GiB, but only 1.2 GiB are free on the device")
  }

  // MARK: - Files

  private func lines() throws -> [Data] {
    var run = try BenchmarkRun(device: .host, samples: 1, packageVersion: "1")
    let results = try [shape(8, .table), shape(8, .position)].map { try run.measure($0) }
    let missing = BenchmarkResult(notMeasured: shape(2_048, .table), reason: "the time limit was over")
    return try [BenchmarkRecord.header(run.header)].map { try $0.line }
      + (results + [missing]).map { try BenchmarkRecord.result($0).line }
  }

  @Test("A file reads back as it was, and becomes tables")
  func table() throws {
    let path = try TemporaryFolder.untilExit() + "/bench.jsonl"
    let written = try lines()
    #expect(try written.map { try BenchmarkRecord(line: $0).line } == written)
    try Data(written.joined()).write(to: URL(filePath: path))
    let text = try BenchmarkTable(contentsOf: path).markdown(date: "2026-01-02")
    #expect(text.contains("Measured 2026-01-02; 1 samples"))
    #expect(text.contains("| glm-4-9b-chat, 8 tokens | "))
    #expect(text.contains("| prefill: GB/s (share of a copy's) | float32 |\n|---|---:|\n"))
    #expect(text.contains("| glm-4-9b-chat, 2048 tokens | not measured |"))
    #expect(!text.contains("\n\n\n") && !text.contains("At least"))
    #expect(text.contains("Not measured: 1 shape, such as `glm-4-9b-chat/f32/prefill-2k/half/contiguous/table`"))
  }

  @Test("On the host the goal is that of contiguous float32, on a GPU that of every prefill")
  func goals() throws {
    let path = try TemporaryFolder.untilExit() + "/bench.jsonl"
    func text(device: String) throws -> String {
      let header = BenchmarkHeader(
        packageVersion: "1", device: device, description: device, compiler: "a compiler", samples: 1)
      // 1 GB in 10 ms; a copy in 7 and in 5.
      let results = [(0.007, BenchmarkShape.Layout.contiguous), (0.005, .contiguous), (0.001, .strided)].map {
        BenchmarkResult(
          shape(2_048, .position, $1),
          BenchmarkResult.Measurement(
            launches: 1, seconds: 0.01, bytes: 1_000_000_000, copySeconds: $0, copyBytes: 1_000_000_000,
            emptySeconds: nil, plainSeconds: nil))
      }
      let records = [BenchmarkRecord.header(header)] + results.map { .result($0) }
      try Data(records.map { try $0.line }.joined()).write(to: URL(filePath: path))
      return try BenchmarkTable(contentsOf: path).markdown(date: "today")
    }
    let host = try text(device: "host")
    #expect(host.contains("At least 0.60 of the copy's rate in 1 of 2 shapes of contiguous float32; the lowest is"))
    #expect(try text(device: "nvidia:0").contains("At least 0.90 of the copy's rate in 0 of 3 shapes; the lowest is"))
  }

  @Test("A file that is none of bench's is told so", arguments: ["", "{}", "no JSON", #"{"record":"header"}"#])
  func noBenchmark(text: String) throws {
    let path = try TemporaryFolder.untilExit() + "/bench.jsonl"
    try Data(text.utf8).write(to: URL(filePath: path))
    #expect(throws: BenchmarkFileError.self) { try BenchmarkTable(contentsOf: path) }
    #expect(throws: BenchmarkFileError.self) { try BenchmarkTable(contentsOf: path + ".none") }
  }

  @Test("The median")
  func median() {
    #expect(BenchmarkRun.median([3, 1, 2]) == 2)
    #expect(BenchmarkRun.median([4, 1, 2, 3]) == 2)
    #expect(BenchmarkRun.median([]) == nil)
  }
}
