import Backends
import Conformance
import Judging
import RoPE
import Synchronization
import Testing

@testable import Goldens

/// The kernel on the host with the plan of the longest call that it has seen, as if frequencies were never reset.
private final class KeepsFrequencies: MemoryMakingBackend {
  private let kernel = FaultyBackend()
  private let longest = Mutex<(length: Int, plan: Plan)?>(nil)

  var name: String { "keeps frequencies" }
  var deviceName: String? { kernel.deviceName }
  var summary: String { "a test" }

  func support(for call: RotationCall) -> Support { kernel.support(for: call) }

  func makeMemory(byteCounts: [Int]) throws -> CallMemory { try kernel.makeMemory(byteCounts: byteCounts) }

  func rotate(_ call: RotationCall, in memory: CallMemory) throws -> Evidence? {
    guard let length = call.present.first?.angles.positions?.length else { return try kernel.rotate(call, in: memory) }
    var kept = call
    kept.plan = longest.withLock { longest in
      if longest.map({ $0.length < length }) ?? true { longest = (length, call.plan) }
      return longest?.plan ?? call.plan
    }
    return try kernel.rotate(kept, in: memory)
  }
}

@Suite(.timeLimit(.minutes(30))) struct CallOrderTests {
  @Test("A backend that keeps the frequencies of a long call fails the next short one, and no case alone")
  func longThenShort() throws {
    let dynamic = Configuration(
      headDimension: 8, rotaryDimension: 8, pairing: .half, base: 1e4,
      scaling: .dynamic(factor: 2, maxPositionEmbeddings: 16))
    let workload = Workload("length", .largeSequence, sequence: 2, heads: (3, 1))
    let short = try Golden.make(workload, dynamic, positions: [5, 15])
    let long = try Golden.make(workload, dynamic, positions: [5, 31])
    for golden in [short, long] { #expect(try verdict(golden, KeepsFrequencies()).outcome == .conforms) }
    func outcomes(_ goldens: [Golden]) throws -> [Outcome] {
      let runner = try runner(KeepsFrequencies())
      return try goldens.map { try runner.report(on: $0).outcome }
    }
    #expect(try outcomes([short, long]) == [.conforms, .conforms])
    #expect(try outcomes([long, short]) == [.conforms, .fails])
  }
}
