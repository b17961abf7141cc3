import Conformance
import Foundation
import Goldens
import Judging
import TestSupport
import Testing
import Workers

@testable import Backends

@Suite("Recorded outputs that are damaged at random", .timeLimit(.minutes(30))) struct FuzzTests {
  private func damaged(_ bytes: Data, _ random: inout SplitMix) -> Data {
    var bytes = bytes
    // Half of the changes are in the structure, at the beginning of the file.
    let end = Bool.random(using: &random) ? min(bytes.count, 4096) : bytes.count
    switch Int.random(in: 0..<5, using: &random) {
    case 0:
      bytes[Int.random(in: 0..<end, using: &random)] ^= 1 << UInt8.random(in: 0..<8, using: &random)
    case 1:
      for _ in 0..<Int.random(in: 1...16, using: &random) {
        bytes[Int.random(in: 0..<end, using: &random)] = .random(in: 0...255, using: &random)
      }
    case 2:
      // Replaces what may be a length or an address.
      let start = Int.random(in: 0..<end - 8, using: &random) & ~7
      let value: UInt64 = [0, .max, 1 << 31, 1 << 63, UInt64(start)].randomElement(using: &random) ?? 0
      withUnsafeBytes(of: value) { bytes.replaceSubrange(start..<start + 8, with: $0) }
    case 3:
      let start = Int.random(in: 0..<end, using: &random)
      bytes.resetBytes(in: start..<min(bytes.count, start + Int.random(in: 1...512, using: &random)))
    default:
      bytes = bytes.prefix(Int.random(in: 0..<bytes.count, using: &random))
    }
    return bytes
  }

  @Test("1,000 times: every case gets its verdict, in time, and the suite goes on")
  func corruptions() throws {
    let seed = SplitMix.seed
    // The seed is printed first, because a crash of this process prints no comment of an expectation.
    print("TEST_SEED=\(seed)")
    var random = SplitMix(seed: seed)
    let folder = try TemporaryFolder(), subject = try Subject("single-token"), path = folder.path("outputs.h5")
    try subject.outputs.write(to: path)
    let bytes = try Data(contentsOf: URL(filePath: path))
    let reader = RecordedReader(limits: WorkerLimits(seconds: 10, memoryByteCount: 1 << 30))
    var counts: [Outcome: Int] = [:], unreadable = 0, ends: [String: Int] = [:]
    for round in 0..<1_000 {
      try damaged(bytes, &random).write(to: URL(filePath: path))
      let start = ContinuousClock.now
      do {
        let file = try RecordedOutputs(path: path, reader: reader)
        for golden in subject.goldens {
          let verdict = try runner(Recordings(runs: [file])).report(on: golden).verdict
          counts[verdict.outcome, default: 0] += 1
          for case .backendFailed(let message) in verdict.violations where message.contains("the process that reads") {
            ends[message, default: 0] += 1
          }
          #expect(
            verdict.outcome != .fails || verdict.accuracy != nil || !verdict.violations.isEmpty,
            "round \(round) of seed \(seed) fails without a reason")
        }
      } catch let error as RecordedError {
        unreadable += 1
        #expect(!error.description.isEmpty && !error.description.contains("\n"), "round \(round) of seed \(seed)")
      }
      #expect(ContinuousClock.now - start < .seconds(45), "round \(round) of seed \(seed)")
    }
    print("\(unreadable) files unreadable; of the others' cases: \(counts); ends of the reading process: \(ends)")
    #expect(unreadable > 100 && counts[.conforms, default: 0] > 100 && counts[.fails, default: 0] > 10, "seed \(seed)")
  }
}
