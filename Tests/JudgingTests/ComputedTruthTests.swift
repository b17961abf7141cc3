import Backends
import Conformance
import Diagnosis
import Judging
import RoPE
import Testing

@testable import Goldens

/// Cases whose truth is computed during judging, on sequences that are not large.
@Suite(.timeLimit(.minutes(30))) struct ComputedTruthTests {
  /// A workload of several slabs in both tensors.
  private let workload = SpoiledCase.sampled

  private func report(_ spoil: @escaping @Sendable (Run) -> Void) throws -> CaseReport {
    try diagnosed(Golden.make(workload, Golden.partial, .bfloat16), FaultyBackend(spoil: spoil))
  }

  @Test("Unspoiled it conforms, every element counted")
  func conforms() throws {
    let found = try report { _ in }
    #expect(found.outcome == .conforms && found.diagnosis == nil)
    #expect(found.verdict.accuracy?.elementCount == 300 * 56 * 4)
  }

  /// Workloads in every memory layout.
  private static let workloads = [
    Workload("bshd", .batch, batch: 2, sequence: 30, heads: (40, 16)),
    Workload("bhsd", .batch, batch: 2, sequence: 60, heads: (40, 16), layout: .bhsd),
    Workload("thd", .ragged, sequence: 120, heads: (40, 16), layout: .thd, sequenceLengths: [1, 0, 119]),
    Workload("misaligned", .strided, batch: 2, sequence: 3, heads: (5, 4), storage: .misaligned),
    Workload(
      "fused", .strided, sequence: 7, heads: (5, 4), storage: .fusedQKV, inPlace: true, pattern: .subnormal),
    Workload(
      "apart", .strided, batch: 3, sequence: 2, heads: (5, 4), layout: .bhsd, storage: .channelsApart,
      pattern: .equalRows, direction: .inverse),
    Workload("cancelling", .withRoPE, sequence: 9, heads: (3, 1), pattern: .cancellation),
  ]

  @Test("The verdict is that on the stored case of the same recipe", arguments: workloads)
  func stored(_ workload: Workload) throws {
    let tokens = workload.tokenCount
    let place = ElementIndex(batch: workload.batch - 1, token: workload.sequence - 1, head: 2, channel: 3)
    for (type, contract) in zip(
      [ElementType.float32, .bfloat16, .float16, .float32], [Contract.position, .table, .frequency, .table])
    {
      // Positions repeat, so that a table has fewer rows than there are tokens.
      let recipe = Recipe.make(
        workload, Golden.partial, type, contract: contract,
        positions: Positions((0..<tokens).map { Double($0 % 100 + 3) }))
      let computed = try Golden(computing: recipe), stored = try Golden(storing: recipe)
      guard case .computed = computed.content, case .stored = stored.content else {
        Issue.record("\(workload.name)")
        return
      }
      for (budget, spoiled) in [("float32-exact-angle", false), ("ulp=0", false), ("float32-exact-angle", true)] {
        let verdicts = try [computed, stored].map { golden in
          try verdict(
            golden,
            FaultyBackend(spoil: { run in
              guard spoiled else { return }
              run.change(.query, place) { $0 ^ 1 << 5 }
              run.change(.key, ElementIndex(batch: 0, token: 1, head: 0, channel: 7)) { $0 ^ 1 }
              run.unwrite(run.call.key.output, run.index(run.call.key.output, channel: 4))
            }), budget: budget)
        }
        #expect(verdicts[0] == verdicts[1], "\(workload.name) \(type) \(contract) \(budget)")
        #expect(verdicts[0].accuracy?.elementCount == 4 * tokens * (workload.queryHeads + workload.keyHeads))
        #expect(verdicts[0].contract == contract.rawValue && verdicts[0].deviceWork?.launches == 3)
        if spoiled {
          #expect(verdicts[0].outcome == .fails && verdicts[0].violations.count >= 1)
        } else if budget != "ulp=0" {
          #expect(verdicts[0].outcome == .conforms, "\(verdicts[0].violations)")
        }
      }
    }
  }

  @Test("A wrong token that is not among the stored ones is found")
  func wrongToken() throws {
    #expect(!ComputedTruth.sampleTokens(of: 300).contains(200))
    let found = try report { run in
      let view = run.call.key.output
      // Copies the rotation of another token.
      for channel in 2..<6 {
        let other = UnsafeRawBufferPointer(run.memory.buffers[view.buffer])
          .bits(at: run.index(view, token: 199, channel: channel), type: .bfloat16)
        run.change(view, run.index(view, token: 200, channel: channel)) { _ in other }
      }
    }
    let worst = try #require(found.verdict.accuracy?.worst)
    #expect(found.outcome == .fails && found.verdict.violations.isEmpty)
    #expect(worst.element.token == 200 && worst.tensor == .key && worst.position == 203)
    let statement = try #require(found.statements.first)
    #expect(statement.tensors == [.key] && statement.cause == .confined && statement.place?[.token] == [200])
    let positions = try #require(found.profile.first { $0.tensor == .key && $0.axis == .position })
    // The profile has the wrong token between its neighbours, and right ones from the first to the last.
    let values = positions.groups.map(\.value)
    #expect(Set(values).isSuperset(of: [3, 202, 203, 204, 302]) && values == values.sorted() && values.count > 8)
    #expect(positions.groups.filter { $0.failedCount > 0 }.map(\.value) == [203])
  }

  @Test("A mistake in a long sequence is named from the tokens around the worst")
  func diagnosis() throws {
    // Every channel of K keeps its value from before the rotation.
    let found = try report { run in
      let (input, output) = (run.call.key.input, run.call.key.output)
      for token in 0..<300 {
        for head in 0..<16 {
          for channel in 0..<8 {
            let bits = UnsafeRawBufferPointer(run.memory.buffers[input.buffer])
              .bits(at: run.index(input, token: token, head: head, channel: channel), type: .bfloat16)
            run.change(output, run.index(output, token: token, head: head, channel: channel)) { _ in bits }
          }
        }
      }
    }
    let statement = try #require(found.statements.first)
    #expect(statement.tensors == [.key])
    #expect(statement.cause.mistakes.map(\.name).first == "key-left-out")
  }

  @Test("Elements not written or copied, changed inputs and guards, another second run")
  func violations() throws {
    // In the second slab of K.
    let place = ElementIndex(batch: 0, token: 280, head: 0, channel: 3)
    let tail = ElementIndex(batch: 0, token: 299, head: 1, channel: 7)
    let key: @Sendable (Run) -> Int = { $0.index($0.call.key.output, token: 280, channel: 3) }
    let copied: @Sendable (Run) -> Int = { $0.index($0.call.query.output, token: 299, head: 1, channel: 7) }
    func spoiled(
      _ name: String, _ spoil: @escaping @Sendable (Run) -> Void,
      _ violation: @escaping @Sendable (Violation) -> Bool
    ) -> SpoiledCase {
      SpoiledCase(name: name, workload: workload, type: .bfloat16, spoil: spoil, violation: violation)
    }
    try SpoiledCase.check([
      spoiled("rotated, not written", { $0.unwrite($0.call.key.output, key($0)) }) {
        $0 == .notWritten(tensor: .key, count: 1, first: place)
      },
      spoiled("copied, not written", { $0.unwrite($0.call.query.output, copied($0)) }) {
        $0 == .notWritten(tensor: .query, count: 1, first: tail)
      },
      spoiled("not copied", { $0.change($0.call.query.output, copied($0)) { $0 ^ 1 } }) {
        if case .notCopied(.query, 1, tail, _, _) = $0 { true } else { false }
      },
      spoiled("input", { $0.change($0.call.query.input, $0.index($0.call.query.input, token: 280)) { $0 ^ 1 } }) {
        if case .writtenOutside("query input", "input", _, _, _) = $0 { true } else { false }
      },
      spoiled("second run", { if $0.number == 2 { $0.change($0.call.key.output, key($0)) { $0 ^ 1 } } }) {
        $0.isUnrepeated(.key, [place], runs: [2])
      },
      spoiled("before", { $0.memory.buffers[$0.call.key.output.buffer][255] ^= 1 }) {
        if case .writtenOutside("key output", "guard before the tensor", 255, _, _) = $0 { true } else { false }
      },
      spoiled(
        "behind",
        {
          let buffer = $0.memory.buffers[$0.call.query.output.buffer]
          buffer[buffer.count - 256] ^= 1
        }
      ) {
        if case .writtenOutside("query output", "guard after the tensor", _, _, _) = $0 { true } else { false }
      },
    ])
  }

  @Test("A stored row that is not the exact one stops the run")
  func storedRow() throws {
    let recipe = Recipe.make(workload, Golden.partial, .bfloat16), good = try Golden(storing: recipe)
    guard case .computed(let truth) = good.content, let samples = truth.samples else {
      Issue.record("\(good.content)")
      return
    }
    for tensor in TensorName.rotated {
      var expected = samples.expected
      // In the row of the fifth stored token.
      let index = 4 * workload.heads(of: tensor) * 8 + 3
      expected[tensor][index] = expected[tensor][index].nextUp
      let bad = ComputedTruth(
        good.goldenCase, plan: good.plan, angles: good.angles,
        samples: .init(tokens: samples.tokens, expected: expected))
      let golden = Golden(
        goldenCase: good.goldenCase, plan: good.plan, inverseFrequencies: good.inverseFrequencies,
        attentionFactor: good.attentionFactor, positions: good.positions, angles: good.angles, content: .computed(bad))
      #expect(throws: GoldenError.sampledRow(caseName: good.goldenCase.name, token: samples.tokens[4])) {
        try verdict(golden, FaultyBackend())
      }
    }
  }

  @Test("The large cases are a million tokens, and more elements and bytes than 32 bits count")
  func sizes() throws {
    let cases = try ComputedCases.full().map(\.goldenCase).filter { $0.section == .largeSequence }
    #expect(
      cases.map(\.name) == [
        "glm-4-9b-chat/f32/million/position", "glm-4-9b-chat/bf16/beyond-int32/position",
        "glm-4-9b-chat/f16/beyond-int32/frequency", "glm-4-9b-chat/bf16/beyond-int32/table",
      ])
    #expect(cases[0].workload.sequence == 1_048_576)
    let large = cases[1]
    let elements = large.workload.sequence * large.workload.queryHeads * large.convention.headDimension
    #expect(elements > 1 << 31)
    #expect(elements * large.elementType.byteCount > 1 << 32)
  }
}
