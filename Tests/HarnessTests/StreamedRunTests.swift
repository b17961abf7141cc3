import Backends
import Conformance
import HIP
import RoPE
import Testing

@testable import Goldens

/// Large cases, on sequences that are not large.
@Suite struct StreamedRunTests {
  private let rule = Result {
    try ToleranceRule(parsing: "** = float32-exact-angle because a test says so", origin: "test")
  }

  private func golden(_ type: ElementType = .bfloat16, tokens: Int = 300) throws -> Golden {
    let workload = Workload("streamed", .largeSequence, sequence: tokens, heads: (3, 1), isSampled: true)
    return try Golden.make(workload, Golden.partial, type)
  }

  @Test(
    "The kernel conforms, and every element is judged as by a run with all of it in memory",
    arguments: ElementType.allCases)
  func conforms(type: ElementType) throws {
    let golden = try golden(type)
    let streamed = try StreamedRun(device: .host).verdict(on: golden, rule: rule.get())
    let whole = try ConformanceRun(backend: HIPBackend(device: .host)).verdict(on: golden, rule: rule.get())
    #expect(streamed.outcome == .conforms)
    #expect(streamed.accuracy?.elementCount == whole.accuracy?.elementCount)
    #expect(streamed.accuracy?.correctlyRoundedCount == whole.accuracy?.correctlyRoundedCount)
    #expect(streamed.accuracy?.worst?.place == whole.accuracy?.worst?.place)
    #expect(streamed.deviceWork?.launches == 1)
  }

  @Test("Too tight a budget fails it, at the element where a run with all of it in memory fails")
  func fails() throws {
    let golden = try golden(.float32)
    let tight = try ToleranceRule(parsing: "** = ulp=0 because a test says so", origin: "test")
    let streamed = try StreamedRun(device: .host).verdict(on: golden, rule: tight)
    let whole = try ConformanceRun(backend: HIPBackend(device: .host)).verdict(on: golden, rule: tight)
    #expect(streamed.outcome == .fails)
    #expect(streamed.accuracy?.failedCount == whole.accuracy?.failedCount)
    #expect(streamed.accuracy?.worst?.place == whole.accuracy?.worst?.place)
  }

  @Test("The large cases are a million tokens, and more elements and bytes than 32 bits count")
  func sizes() throws {
    let goldens = try Golden.large()
    #expect(
      goldens.map(\.goldenCase.name) == [
        "glm-4-9b-chat/f32/million/position", "glm-4-9b-chat/bf16/beyond-int32/position",
      ])
    #expect(goldens[0].goldenCase.workload.sequence == 1_048_576)
    let large = goldens[1].goldenCase
    let elements = large.workload.sequence * large.workload.queryHeads * large.convention.headDimension
    #expect(elements > 1 << 31)
    #expect(elements * large.elementType.byteCount > 1 << 32)
  }
}
