import RoPE
import Testing

@Suite struct PlanTests {
  private let partial = Configuration(headDimension: 10, rotaryDimension: 4, rotaryOffset: 6, pairing: .half, base: 1e4)

  @Test("half pairs i with i + R/2 from the rotary offset")
  func half() throws {
    let plan = try Plan(partial)
    #expect(plan.pairs.map(\.input) == [.init(6, 8), .init(7, 9)])
    #expect(plan.passThroughChannels == [0, 1, 2, 3, 4, 5])
    #expect(plan.pairs.map(\.frequency.table.dimension) == [4, 4])
  }

  @Test("interleaved input and half output keep their own channels")
  func mixed() throws {
    var configuration = partial
    configuration.pairing = .interleaved
    let plan = try Plan(configuration)
    #expect(plan.pairs.map(\.input) == [.init(6, 7), .init(8, 9)])
    #expect(plan.pairs.map(\.output) == [.init(6, 8), .init(7, 9)])
  }

  @Test("A model without RoPE has no pair and passes every channel through")
  func withoutRoPE() throws {
    let plan = try Plan(.withoutRoPE(headDimension: 3))
    #expect(plan.pairs.isEmpty)
    #expect(plan.passThroughChannels == [0, 1, 2])
  }

  @Test("A contradiction is an error that names the value")
  func contradictions() {
    #expect(throws: ConfigurationError.rotaryDimension(5, headDimension: 10)) { try plan { $0.rotaryDimension = 5 } }
    #expect(throws: ConfigurationError.rotaryDimension(12, headDimension: 10)) { try plan { $0.rotaryDimension = 12 } }
    #expect(throws: ConfigurationError.rotaryOffset(7, rotaryDimension: 4, headDimension: 10)) {
      try plan { $0.rotaryOffset = 7 }
    }
    #expect(throws: ConfigurationError.rotaryOffset(-1, rotaryDimension: 4, headDimension: 10)) {
      try plan { $0.rotaryOffset = -1 }
    }
    #expect(throws: ConfigurationError.headDimension(0)) { try plan { $0.headDimension = 0 } }
    #expect(throws: ConfigurationError.base(0)) { try plan { $0.base = 0 } }
    #expect(throws: ConfigurationError.attentionFactor(.infinity)) { try plan { $0.attentionFactor = .infinity } }
  }

  private func plan(_ change: (inout Configuration) -> Void) throws -> Plan {
    var configuration = partial
    change(&configuration)
    return try Plan(configuration)
  }
}
