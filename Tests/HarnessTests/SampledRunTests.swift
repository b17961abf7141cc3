import Backends
import RoPE
import Testing

@testable import Conformance
@testable import Goldens

@Suite struct SampledRunTests {
  /// Two slabs and a part of a third.
  private let workload = Workload("sampled", .largeSequence, sequence: 600, heads: (2, 1), isSampled: true)

  private func found(_ spoil: @escaping @Sendable (Run) -> Void) throws -> Verdict {
    try verdict(Golden.make(workload, Golden.partial, .bfloat16), FaultyBackend(spoil: spoil))
  }

  @Test("Unspoiled it conforms, every element counted")
  func conforms() throws {
    let found = try found { _ in }
    #expect(found.outcome == .conforms)
    #expect(found.accuracy?.elementCount == 600 * 3 * 4)
  }

  @Test("A wrong token that is not among the stored ones is found")
  func wrongToken() throws {
    #expect(!SampledStream.sampleTokens(of: 600).contains(300))
    let found = try found { run in
      let view = run.call.key.output
      // The rotation of another token.
      for channel in 0..<8 {
        let other = UnsafeRawBufferPointer(run.memory.buffers[view.buffer])
          .bits(at: run.index(view, token: 299, channel: channel), type: .bfloat16)
        if (2..<6).contains(channel) { run.change(view, run.index(view, token: 300, channel: channel)) { _ in other } }
      }
    }
    #expect(found.outcome == .fails && found.violations.isEmpty)
    #expect(found.accuracy?.worst?.place.token == 300 && found.accuracy?.worst?.tensor == .key)
    let statement = try #require(found.diagnosis?.statements.first)
    guard statement.tensors == [.key], case .confined(let places) = statement.cause else {
      Issue.record("\(statement)")
      return
    }
    #expect(places.first { $0.axis == .position }?.values == [300])
    // The profile has these tokens and those that the golden stores.
    let positions = try #require(found.profile?.series.first { $0.tensor == .key && $0.axis == .position })
    let tokens = Set(296..<304).union(SampledStream.sampleTokens(of: 600)).sorted()
    #expect(positions.groups.map(\.value) == tokens.map(Int64.init))
    #expect(positions.groups.filter { $0.failedCount > 0 }.map(\.value) == [300])
  }

  @Test("A mistake in a long sequence is named from the tokens around the worst")
  func diagnosis() throws {
    // Every channel of K as it was before the rotation.
    let found = try found { run in
      let (input, output) = (run.call.key.input, run.call.key.output)
      for token in 0..<600 {
        for channel in 0..<8 {
          let bits = UnsafeRawBufferPointer(run.memory.buffers[input.buffer])
            .bits(at: run.index(input, token: token, channel: channel), type: .bfloat16)
          run.change(output, run.index(output, token: token, channel: channel)) { _ in bits }
        }
      }
    }
    let statement = try #require(found.diagnosis?.statements.first)
    #expect(statement.tensors == [.key])
    #expect(statement.cause.mistake?.name == "key-left-out")
  }

  @Test("Elements not written or copied, changed inputs and guards, another second run")
  func violations() throws {
    let place = ElementPlace(batch: 0, token: 300, head: 0, channel: 3)
    let tail = ElementPlace(batch: 0, token: 599, head: 1, channel: 7)
    let key: @Sendable (Run) -> Int = { $0.index($0.call.key.output, token: 300, channel: 3) }
    let copied: @Sendable (Run) -> Int = { $0.index($0.call.query.output, token: 599, head: 1, channel: 7) }
    let rows: [(@Sendable (Run) -> Void, (Violation) -> Bool)] = [
      ({ $0.unwrite($0.call.key.output, key($0)) }, { $0 == .notWritten(tensor: .key, count: 1, first: place) }),
      ({ $0.unwrite($0.call.query.output, copied($0)) }, { $0 == .notWritten(tensor: .query, count: 1, first: tail) }),
      (
        { $0.change($0.call.query.output, copied($0)) { $0 ^ 1 } },
        { if case .notCopied(.query, 1, tail, _, _) = $0 { true } else { false } }
      ),
      (
        { $0.change($0.call.query.input, $0.index($0.call.query.input, token: 300)) { $0 ^ 1 } },
        { if case .writtenOutside("query input", "input", _, _, _) = $0 { true } else { false } }
      ),
      (
        { if $0.number == 2 { $0.change($0.call.key.output, key($0)) { $0 ^ 1 } } },
        { $0.isUnrepeated(.key, [place], runs: [2]) }
      ),
      (
        { $0.memory.buffers[$0.call.key.output.buffer][255] ^= 1 },
        { if case .writtenOutside("key output", "guard before the tensor", 255, _, _) = $0 { true } else { false } }
      ),
      (
        {
          let buffer = $0.memory.buffers[$0.call.query.output.buffer]
          buffer[buffer.count - 256] ^= 1
        },
        { if case .writtenOutside("query output", "guard behind the tensor", _, _, _) = $0 { true } else { false } }
      ),
    ]
    for (index, row) in rows.enumerated() {
      let found = try found(row.0)
      let isRight = found.outcome == .fails && found.violations.count == 1 && found.violations.allSatisfy(row.1)
      #expect(isRight, "row \(index): \(found.violations)")
    }
  }

  @Test("A stored row that is not the exact one stops the run")
  func storedRow() throws {
    let good = try Golden.make(workload, Golden.partial, .bfloat16)
    guard case .sampled(let rows) = good.content else { throw GoldenError.unknownCase(name: "sampled", known: []) }
    for isKey in [false, true] {
      var query = rows.expectedQuery, key = rows.expectedKey
      // In the row of the fifth stored token, 4.
      if isKey { key[4 * 8 + 3] = key[4 * 8 + 3].nextUp } else { query[4 * 16 + 3] = query[4 * 16 + 3].nextUp }
      let bad = Golden(
        goldenCase: good.goldenCase, plan: good.plan, inverseFrequencies: good.inverseFrequencies,
        attentionFactor: good.attentionFactor, positions: good.positions,
        content: .sampled(Golden.SampledRows(tokens: rows.tokens, expectedQuery: query, expectedKey: key)))
      #expect(throws: GoldenError.sampledRow(caseName: good.goldenCase.name, token: rows.tokens[4])) {
        try verdict(bad, FaultyBackend())
      }
    }
  }
}
