import Backends
import RoPE
import Synchronization
import Testing

@testable import Conformance
@testable import Goldens

/// What a backend must not do, done once each beside right outputs. Every row has a control: the same case, unspoiled.
@Suite struct IntegrityTests {
  private struct Row: Sendable {
    let name: String
    let workload: Workload
    var configuration = Golden.partial
    var type = ElementType.float32
    var positions: [Int64]?
    /// Loose enough, where needed, for a changed bit to be no matter of accuracy.
    var budget = "float32-exact-angle"
    let spoil: @Sendable (Run) -> Void
    let violation: @Sendable (Violation) -> Bool
  }

  /// The rows whose verdict is not exactly the one violation, or whose control does not conform.
  private func check(_ rows: [Row], sourceLocation: SourceLocation = #_sourceLocation) throws {
    var wrong: [String] = []
    for row in rows {
      let golden = try Golden.make(row.workload, row.configuration, row.type, positions: row.positions)
      let control = try verdict(golden, FaultyBackend(), budget: row.budget)
      if control.outcome != .conforms { wrong.append("\(row.name), unspoiled: \(control.violations)") }
      let spoiled = try verdict(golden, FaultyBackend(spoil: row.spoil), budget: row.budget)
      let isRight = spoiled.violations.count == 1 && row.violation(spoiled.violations[0])
      if spoiled.outcome != .fails || !isRight { wrong.append("\(row.name): \(spoiled.outcome) \(spoiled.violations)") }
    }
    if !wrong.isEmpty { Issue.record(Comment(rawValue: wrong.joined(separator: "\n")), sourceLocation: sourceLocation) }
  }

  private static let plain = Workload("plain", .withRoPE, batch: 2, sequence: 3, heads: (5, 2))
  private static let misaligned = Workload(
    "misaligned", .strided, batch: 2, sequence: 3, heads: (5, 2), storage: .misaligned)
  private static let channelsApart = Workload(
    "channels-apart", .strided, sequence: 3, heads: (5, 2), storage: .channelsApart)
  private static let fused = Workload("fused", .strided, sequence: 3, heads: (5, 2), storage: .fusedQKV)
  private static let fusedInPlace = Workload(
    "fused-in-place", .strided, sequence: 3, heads: (5, 2), storage: .fusedQKV, inPlace: true)

  private static func outside(_ buffer: String, _ region: String) -> @Sendable (Violation) -> Bool {
    { if case .writtenOutside(buffer, region, _, _, _) = $0 { true } else { false } }
  }

  /// Flips a bit of one byte, at a distance in bytes from an element of a view.
  private static func flip(
    _ view: @escaping @Sendable (Run) -> TensorView, _ at: @escaping @Sendable (Run, TensorView) -> Int
  ) -> @Sendable (Run) -> Void {
    { run in
      let view = view(run)
      run.memory.buffers[view.buffer][at(run, view)] ^= 1
    }
  }

  @Test("Bytes outside of the outputs: guards, padding, V, and inputs out of place")
  func outside() throws {
    let gap: @Sendable (Run, TensorView) -> Int = { run, view in
      run.index(view, token: 1) * run.call.elementType.byteCount - 1
    }
    try check([
      Row(
        name: "byte before the queries", workload: Self.plain,
        spoil: Self.flip({ $0.call.query.output }) { $0.index($1) * 4 - 1 },
        violation: Self.outside("query output", "guard before the tensor")),
      Row(
        name: "byte behind the keys", workload: Self.plain, type: .bfloat16,
        spoil: Self.flip({ $0.call.key.output }) { (run, view) in run.memory.buffers[view.buffer].count - 256 },
        violation: Self.outside("key output", "guard behind the tensor")),
      Row(
        name: "last byte of an odd count", workload: Self.misaligned, type: .float16,
        spoil: Self.flip({ $0.call.key.output }) { (run, view) in run.memory.buffers[view.buffer].count - 1 },
        violation: Self.outside("key output", "guard behind the tensor")),
      Row(
        name: "padding of an output", workload: Self.misaligned, type: .float16,
        spoil: Self.flip({ $0.call.query.output }, gap),
        violation: Self.outside("query output", "between the rows of the tensor")),
      Row(
        name: "padding of an input", workload: Self.misaligned, spoil: Self.flip({ $0.call.key.input }, gap),
        violation: Self.outside("key input", "input")),
      Row(
        name: "between channels", workload: Self.channelsApart, type: .bfloat16,
        spoil: Self.flip({ $0.call.query.output }) { $0.index($1, token: 1, head: 1, channel: 3) * 2 + 2 },
        violation: Self.outside("query output", "between the rows of the tensor")),
      Row(
        name: "guard of an input", workload: Self.plain,
        spoil: Self.flip({ $0.call.key.input }) { (run, view) in 0 },
        violation: Self.outside("key input", "guard before the tensor")),
      Row(
        name: "guard in place", workload: Self.fusedInPlace,
        spoil: Self.flip({ $0.call.key.input }) { (run, view) in run.memory.buffers[view.buffer].count - 1 },
        violation: Self.outside("fused QKV", "guard behind the tensor")),
      Row(
        name: "V in place", workload: Self.fusedInPlace, spoil: Self.flip({ $0.call.query.output }, gap),
        violation: Self.outside("fused QKV", "between the rows of the tensor")),
      Row(
        name: "V out of place", workload: Self.fused, spoil: Self.flip({ $0.call.query.input }, gap),
        violation: Self.outside("fused QKV", "input")),
      Row(
        name: "an input", workload: Self.plain,
        spoil: Self.flip({ $0.call.query.input }) { $0.index($1, batch: 1, token: 2, head: 4, channel: 7) * 4 },
        violation: Self.outside("query input", "input")),
    ])
  }

  @Test("Elements that are not written, or not copied")
  func elements() throws {
    try check([
      Row(
        name: "one element not written", workload: Self.plain, type: .float16, budget: "atol=1e9,rtol=0",
        spoil: {
          $0.unwrite($0.call.key.output, $0.index($0.call.key.output, batch: 1, token: 2, head: 1, channel: 3))
        },
        violation: {
          $0
            == .notWritten(tensor: .key, count: 1, first: ElementPlace(batch: 1, token: 2, head: 1, channel: 3))
        }),
      Row(
        name: "tail of a partial rotary", workload: Self.plain,
        spoil: {
          $0.change($0.call.query.output, $0.index($0.call.query.output, token: 1, head: 3, channel: 7)) { $0 ^ 1 }
        },
        violation: {
          guard case .notCopied(.query, 1, let first, let expected, let actual) = $0 else { return false }
          return first == ElementPlace(batch: 0, token: 1, head: 3, channel: 7) && expected == actual ^ 1
        }),
      Row(
        name: "payload of a NaN without RoPE",
        workload: Workload("nan", .noRoPE, sequence: 9, heads: (5, 2), pattern: .nonFinite), configuration: Golden.none,
        type: .float16,
        spoil: { run in
          let view = run.call.query.output, buffer = UnsafeRawBufferPointer(run.memory.buffers[view.buffer])
          let index = (view.offset..<view.offset + 9 * 5 * 8).first { index in
            run.call.elementType.value(ofBits: buffer.bits(at: index, type: .float16)).isNaN
          }
          if let index { run.change(view, index) { $0 ^ 1 } }
        }, violation: { if case .notCopied(.query, 1, _, _, _) = $0 { true } else { false } }),
    ])
  }

  @Test("Other bits in a second run, or in an equal row of the batch")
  func repetition() throws {
    try check([
      Row(
        name: "second run", workload: Self.plain, budget: "atol=1,rtol=0",
        spoil: { run in
          guard run.number == 2 else { return }
          run.change(run.call.key.output, run.index(run.call.key.output, batch: 1, token: 1, head: 1, channel: 2)) {
            $0 ^ 1
          }
        },
        violation: {
          $0.isUnrepeated(.key, [ElementPlace(batch: 1, token: 1, head: 1, channel: 2)], runs: [2])
        }),
      Row(
        name: "third run", workload: Self.plain, budget: "atol=1,rtol=0",
        spoil: { run in
          guard run.number == 3 else { return }
          let view = run.call.query.output
          for head in 0..<2 { run.change(view, run.index(view, token: 2, head: head, channel: 4)) { $0 ^ 1 } }
        },
        violation: {
          $0.isUnrepeated(
            .query,
            [
              ElementPlace(batch: 0, token: 2, head: 0, channel: 4),
              ElementPlace(batch: 0, token: 2, head: 1, channel: 4),
            ], runs: [3])
        }),
      Row(
        name: "equal rows", workload: PlacedWorkload.batchEqualRows.workload,
        positions: PlacedWorkload.batchEqualRows.positions,
        budget: "atol=1,rtol=0",
        spoil: {
          $0.change($0.call.query.output, $0.index($0.call.query.output, batch: 2, head: 1, channel: 5)) { $0 ^ 1 }
        },
        violation: {
          $0
            == .rowsDiffer(
              tensor: .query, count: 1, first: ElementPlace(batch: 2, token: 0, head: 1, channel: 5), equalRow: 0)
        }),
    ])
  }

  @Test("What a later run leaves out is told beside that the runs differ")
  func laterUnwritten() throws {
    let leaving = FaultyBackend(spoil: { run in
      guard run.number == 2 else { return }
      run.unwrite(run.call.query.output, run.index(run.call.query.output, channel: 3))
    })
    let found = try verdict(try Golden.make(Self.plain), leaving, budget: "float32-exact-angle")
    let place = ElementPlace(batch: 0, token: 0, head: 0, channel: 3)
    #expect(found.violations.count == 2 && found.diagnosis == nil)
    #expect(found.violations.first == .notWritten(tensor: .query, count: 1, first: place))
    #expect(found.violations.last?.isUnrepeated(.query, [place], runs: [2]) == true)
  }

  @Test("A race that differs from run to run is one violation, with every element that differs in any of them")
  func race() throws {
    let golden = try Golden.make(Self.plain)
    let racing = FaultyBackend(spoil: { run in
      let view = run.call.query.output
      for token in 0..<run.number where run.number > 1 {
        for channel in 2..<6 { run.change(view, run.index(view, token: token, channel: channel)) { $0 ^ 1 } }
      }
    })
    let found = try verdict(golden, racing, budget: "atol=1e9,rtol=0").violations
    guard found.count == 1, case .notRepeatable(.query, let race) = found[0] else {
      Issue.record("\(found)")
      return
    }
    #expect(race.count == 12 && race.runCount == 3 && race.pattern == .nonDeterminism)
    #expect(race.places.map(\.token) == [0, 0, 0, 0, 1, 1, 1, 1])
    #expect(race.places.map(\.channel) == [2, 3, 4, 5, 2, 3, 4, 5])
    #expect(race.runs.map(\.run) == [2, 3] && race.runs.map(\.count) == [8, 12])
  }

  @Test("Later runs that agree look like state, one that differs alone does not; the runs are judged by themselves")
  func state() throws {
    for workload in [Self.plain, Workload("sampled", .largeSequence, sequence: 300, heads: (5, 2), isSampled: true)] {
      func race(_ isWrong: @escaping @Sendable (Int) -> Bool) throws -> RunDisagreement? {
        let backend = FaultyBackend(spoil: { run in
          guard isWrong(run.number) else { return }
          let view = run.call.key.output
          // One rotated channel and one that is copied.
          for channel in [3, 7] { run.change(view, run.index(view, token: 1, channel: channel)) { $0 ^ 0x40_0000 } }
        })
        let races = try verdict(Golden.make(workload), backend).violations.compactMap { violation in
          if case .notRepeatable(.key, let race) = violation { race } else { nil }
        }
        return races.count == 1 ? races[0] : nil
      }
      let later = try race { $0 > 1 }, first = try race { $0 == 1 }, last = try race { $0 == 3 }
      #expect(later?.pattern == .state && later?.runs.map(\.run) == [2, 3])
      #expect(later?.wrongCounts == .init(first: 0, later: 2))
      #expect(first?.pattern == .state && first?.wrongCounts == .init(first: 2, later: 0))
      #expect(last?.pattern == .nonDeterminism && last?.runs.map(\.run) == [3])
      #expect(last?.wrongCounts == .init(first: 0, later: 2))
    }
  }

  @Test("Runs can be state where none has the bits of the first again, and are not where one has")
  func canBeState() {
    func outputs(_ bits: UInt32) -> Outputs {
      var elements = ElementArray(type: .float32, count: 4)
      elements[2] = bits
      return Outputs(query: elements, key: ElementArray(type: .float32, count: 2))
    }
    for (runs, canBeState) in [([1, 2, 2], true), ([1, 2, 3], true), ([1, 2, 1], false), ([1, 1, 2], false)] {
      var found = RunOutputs(outputs(UInt32(runs[0])))
      for run in runs.dropFirst() { #expect(found.add(outputs(UInt32(run))) == (run != runs[0])) }
      #expect(found.comparison.canBeState == canBeState, "\(runs)")
    }
  }

  @Test("A run in which a copied element is not written is not right")
  func notWritten() throws {
    for workload in [Self.plain, Workload("sampled", .largeSequence, sequence: 300, heads: (5, 2), isSampled: true)] {
      for (number, counts) in [
        (1, RunDisagreement.WrongCounts(first: 1, later: 0)), (2, .init(first: 0, later: 1)),
      ] {
        let backend = FaultyBackend(spoil: { run in
          guard run.number == number else { return }
          run.unwrite(run.call.key.output, run.index(run.call.key.output, token: 1, channel: 7))
        })
        let found = try verdict(Golden.make(workload), backend).violations
        guard case .notRepeatable(.key, let race) = found.last else {
          Issue.record("\(found)")
          return
        }
        #expect(race.wrongCounts == counts)
      }
    }
  }

  @Test("What differs first in another run than the one that is judged has no counts")
  func notJudged() throws {
    let backend = FaultyBackend(spoil: { run in
      guard run.number > 1 else { return }
      let view = run.number == 2 ? run.call.query.output : run.call.key.output
      run.change(view, run.index(view, channel: 3)) { $0 ^ 1 }
    })
    let found = try verdict(Golden.make(Self.plain), backend).violations
    guard found.count == 2, case .notRepeatable(.query, let query) = found[0],
      case .notRepeatable(.key, let key) = found[1]
    else {
      Issue.record("\(found)")
      return
    }
    #expect(query.wrongCounts == .init(first: 0, later: 0) && key.wrongCounts == nil)
    #expect(query.pattern == .nonDeterminism && key.runs.map(\.run) == [3])
  }

  @Test("As many runs as asked for", arguments: [1, 2, 5])
  func runCount(_ count: Int) throws {
    for workload in [Self.plain, Workload("sampled", .largeSequence, sequence: 5, heads: (2, 1), isSampled: true)] {
      let golden = try Golden.make(workload), runs = Mutex(0)
      let backend = FaultyBackend(spoil: { run in runs.withLock { $0 = run.number } })
      #expect(try verdict(golden, backend, runCount: count).outcome == .conforms)
      #expect(runs.withLock { $0 } == count)
    }
  }

  @Test("NaN and infinity in a finite pair, where others are not finite, under any tolerance")
  func confined() throws {
    let workload = Workload("non-finite", .withRoPE, sequence: 9, heads: (5, 2), pattern: .nonFinite)
    for type in ElementType.allCases {
      let golden = try Golden.make(workload, Golden.full, type), expected = try golden.stored.expectedKey
      let finite = expected.indices.filter { expected[$0].isFinite }
      let key = try #require(finite.dropFirst(3).first)
      for bits in [type.bits(rounding: .infinity), type.bits(rounding: .nan)] {
        let spreading = FaultyBackend(spoil: { run in
          for index in finite.dropFirst(3).prefix(2) {
            run.change(run.call.key.output, run.call.key.output.offset + index) { _ in bits }
          }
        })
        let place = ElementPlace(batch: 0, token: key / 16, head: key / 8 % 2, channel: key % 8)
        let found = try verdict(golden, spreading, budget: "atol=1e300,rtol=0")
        #expect(found.violations == [.notConfined(tensor: .key, count: 2, first: place, actual: bits)])
      }
      // What was not written is not finite either, and another matter.
      let unwritten = try verdict(
        golden,
        FaultyBackend(spoil: { run in run.unwrite(run.call.key.output, run.call.key.output.offset + key) }))
      #expect(unwritten.violations.count == 1)
      if case .notWritten(.key, 1, _) = unwritten.violations.first {} else { Issue.record("\(unwritten.violations)") }
    }
    // Where every input is finite, NaN is a matter of accuracy alone.
    let invalid = FaultyBackend(spoil: { run in
      let view = run.call.key.output
      run.change(view, view.offset + 3) { _ in 0x7FC0_0000 }
    })
    let plain = try verdict(Golden.make(Self.plain), invalid)
    #expect(plain.violations.isEmpty && plain.accuracy?.failedCount == 1)
  }

  @Test("Everything that does not hold is reported, not only the first of it")
  func several() throws {
    let workloads = [
      Workload("misaligned", .strided, sequence: 3, heads: (5, 2), storage: .misaligned),
      Workload("sampled", .largeSequence, sequence: 300, heads: (5, 2), isSampled: true),
    ]
    for workload in workloads {
      let found = try verdict(
        Golden.make(workload),
        FaultyBackend(spoil: { run in
          let query = run.call.query.output, key = run.call.key.output
          run.unwrite(query, run.index(query, token: 2, head: 1, channel: 3))
          run.change(query, run.index(query, token: 1, channel: 0)) { $0 ^ 1 }
          run.change(query, run.index(query, token: 2, channel: 0)) { $0 ^ 1 }
          run.change(key, run.index(key, token: 2, channel: 7)) { $0 ^ 1 }
          run.memory.buffers[run.call.key.input.buffer][run.index(run.call.key.input) * 4] ^= 1
          for view in [query, key, run.call.query.input, run.call.key.input] {
            let buffer = run.memory.buffers[view.buffer]
            buffer[0] ^= 1
            buffer[buffer.count - 1] ^= 1
          }
          // And something new in the last run.
          if run.number == 3 { run.change(key, run.index(key, token: 0, channel: 3)) { $0 ^ 1 } }
        }), budget: "atol=1e9,rtol=0"
      ).violations
      let outside = found.compactMap { violation -> String? in
        if case .writtenOutside(let buffer, let region, _, _, _) = violation { "\(buffer), \(region)" } else { nil }
      }
      let buffers = ["query input", "query output", "key input", "key output"]
      let guards = buffers.flatMap { ["\($0), guard before the tensor", "\($0), guard behind the tensor"] }
      #expect(Set(outside) == Set(guards + ["key input, input"]) && outside.count == 9, "\(outside)")
      func place(_ token: Int, _ head: Int, _ channel: Int) -> ElementPlace {
        ElementPlace(batch: 0, token: token, head: head, channel: channel)
      }
      #expect(found.contains(.notWritten(tensor: .query, count: 1, first: place(2, 1, 3))))
      #expect(found.contains { $0.isUnrepeated(.key, [place(0, 0, 3)], runs: [3]) })
      let copied = found.filter { if case .notCopied = $0 { true } else { false } }
      #expect(copied.count == 2, "\(copied)")
      if case .notCopied(.query, 2, place(1, 0, 0), _, _) = copied.first {} else { Issue.record("\(copied)") }
      if case .notCopied(.key, 1, place(2, 0, 7), _, _) = copied.last {} else { Issue.record("\(copied)") }
      #expect(found.count == 13, "\(found)")
    }
  }

  @Test("Memory is poisoned to the last element, where their count is odd too")
  func poison() throws {
    let workload = Workload("odd", .strided, sequence: 2, heads: (5, 2), storage: .misaligned)
    let place = try CaseMemory(Golden.make(workload, Golden.partial, .float16).goldenCase, for: FaultyBackend())
    for buffer in place.memory.buffers {
      let elements = (0..<buffer.count / 2).map { UnsafeRawBufferPointer(buffer).bits(at: $0, type: .float16) }
      #expect(!elements.count.isMultiple(of: 2))
      #expect(elements.allSatisfy { $0 == CaseMemory.poison(.float16) })
    }
  }

  @Test("Rows of equal inputs at other positions may differ")
  func rowsAtOtherPositions() throws {
    let golden = try Golden.make(PlacedWorkload.batchEqualRows.workload, positions: [37, 38, 40, 41, 43, 44])
    #expect(try verdict(golden, FaultyBackend()).outcome == .conforms)
  }
}
