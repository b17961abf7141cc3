import Backends
import Judging
import RoPE
import Testing

@testable import Goldens

/// Each thing that a backend must not do, done once next to right outputs.
@Suite(.timeLimit(.minutes(30))) struct IntegrityTests {
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
    try SpoiledCase.check([
      SpoiledCase(
        name: "byte before the queries", workload: SpoiledCase.plain,
        spoil: Self.flip({ $0.call.query.output }) { $0.index($1) * 4 - 1 },
        violation: Self.outside("query output", "guard before the tensor")),
      SpoiledCase(
        name: "byte behind the keys", workload: SpoiledCase.plain, type: .bfloat16,
        spoil: Self.flip({ $0.call.key.output }) { (run, view) in run.memory.buffers[view.buffer].count - 256 },
        violation: Self.outside("key output", "guard after the tensor")),
      SpoiledCase(
        name: "last byte of an odd count", workload: Self.misaligned, type: .float16,
        spoil: Self.flip({ $0.call.key.output }) { (run, view) in run.memory.buffers[view.buffer].count - 1 },
        violation: Self.outside("key output", "guard after the tensor")),
      SpoiledCase(
        name: "padding of an output", workload: Self.misaligned, type: .float16,
        spoil: Self.flip({ $0.call.query.output }, gap),
        violation: Self.outside("query output", "between the rows of the tensor")),
      SpoiledCase(
        name: "padding of an input", workload: Self.misaligned, spoil: Self.flip({ $0.call.key.input }, gap),
        violation: Self.outside("key input", "input")),
      SpoiledCase(
        name: "between channels", workload: Self.channelsApart, type: .bfloat16,
        spoil: Self.flip({ $0.call.query.output }) { $0.index($1, token: 1, head: 1, channel: 3) * 2 + 2 },
        violation: Self.outside("query output", "between the rows of the tensor")),
      SpoiledCase(
        name: "guard of an input", workload: SpoiledCase.plain,
        spoil: Self.flip({ $0.call.key.input }) { (run, view) in 0 },
        violation: Self.outside("key input", "guard before the tensor")),
      SpoiledCase(
        name: "guard in place", workload: Self.fusedInPlace,
        spoil: Self.flip({ $0.call.key.input }) { (run, view) in run.memory.buffers[view.buffer].count - 1 },
        violation: Self.outside("fused QKV", "guard after the tensor")),
      SpoiledCase(
        name: "V in place", workload: Self.fusedInPlace, spoil: Self.flip({ $0.call.query.output }, gap),
        violation: Self.outside("fused QKV", "between the rows of the tensor")),
      SpoiledCase(
        name: "V out of place", workload: Self.fused, spoil: Self.flip({ $0.call.query.input }, gap),
        violation: Self.outside("fused QKV", "input")),
      SpoiledCase(
        name: "an input", workload: SpoiledCase.plain,
        spoil: Self.flip({ $0.call.query.input }) { $0.index($1, batch: 1, token: 2, head: 4, channel: 7) * 4 },
        violation: Self.outside("query input", "input")),
    ])
  }

  @Test("Elements that are not written, or not copied")
  func elements() throws {
    try SpoiledCase.check([
      SpoiledCase(
        name: "one element not written", workload: SpoiledCase.plain, type: .float16, budget: "atol=1e9,rtol=0",
        spoil: {
          $0.unwrite($0.call.key.output, $0.index($0.call.key.output, batch: 1, token: 2, head: 1, channel: 3))
        },
        violation: {
          $0
            == .notWritten(tensor: .key, count: 1, first: ElementIndex(batch: 1, token: 2, head: 1, channel: 3))
        }),
      SpoiledCase(
        name: "tail of a partial rotary", workload: SpoiledCase.plain,
        spoil: {
          $0.change($0.call.query.output, $0.index($0.call.query.output, token: 1, head: 3, channel: 7)) { $0 ^ 1 }
        },
        violation: {
          guard case .notCopied(.query, 1, let first, let expected, let actual) = $0 else { return false }
          return first == ElementIndex(batch: 0, token: 1, head: 3, channel: 7) && expected.bits == actual.bits ^ 1
        }),
      SpoiledCase(
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

  @Test("A copied NaN may become another, which is remarked on; a rule can forbid it")
  func payloads() throws {
    let workload = Workload("nan", .withRoPE, sequence: 9, heads: (5, 2), pattern: .nonFinite)
    for type in ElementType.allCases {
      let golden = try Golden.make(workload, Golden.partial, type)
      let rows = golden.truth.rows(.key, 0..<9)
      // Channels 0, 1, 6 and 7 of 8 are copied.
      let index = try #require(
        (0..<9 * 2 * 8).first { [0, 1, 6, 7].contains($0 % 8) && rows.expected[$0].isNaN && rows.input[$0] & 1 == 0 })
      let place = ElementIndex(batch: 0, token: index / 16, head: index / 8 % 2, channel: index % 8)
      func backend(_ bits: @escaping @Sendable (UInt32) -> UInt32) -> FaultyBackend {
        FaultyBackend(spoil: { $0.change(.key, place, bits) })
      }
      let other = backend { $0 ^ 1 }, expected = ElementBits(type: type, bits: rows.input[index])
      let actual = ElementBits(type: type, bits: expected.bits ^ 1)
      let found = try verdict(golden, other)
      #expect(found.outcome == .conforms)
      #expect(
        found.remarks
          == [Remark(.payload, tensor: .key, count: 1, first: place, expected: expected, actual: actual)])
      let strict = try verdict(golden, other, budget: "float32-exact-angle with exact copies")
      #expect(strict.remarks.isEmpty)
      #expect(
        strict.violations
          == [.notCopied(tensor: .key, count: 1, first: place, expected: expected, actual: actual)])
      // A number or an infinity is no NaN, and what was not written is no copy.
      for bits in [0, type.bits(rounding: .infinity)] {
        #expect(try verdict(golden, backend { _ in bits }).violations.map(\.kind) == [.notCopied])
      }
      let unwritten = try verdict(golden, backend { _ in CaseCall.poison(type) })
      #expect(unwritten.violations.map(\.kind) == [.notWritten] && unwritten.remarks.isEmpty)
    }
  }

  @Test("NaN and infinity in a finite pair, where others are not finite, under any tolerance")
  func confined() throws {
    let workload = Workload("non-finite", .withRoPE, sequence: 9, heads: (5, 2), pattern: .nonFinite)
    for type in ElementType.allCases {
      let golden = try Golden.make(workload, Golden.full, type), expected = golden.expected(.key)
      let finite = expected.indices.filter { expected[$0].isFinite }
      let key = try #require(finite.dropFirst(3).first)
      for bits in [type.bits(rounding: .infinity), type.bits(rounding: .nan)] {
        let spreading = FaultyBackend(spoil: { run in
          for index in finite.dropFirst(3).prefix(2) {
            run.change(run.call.key.output, run.call.key.output.offset + index) { _ in bits }
          }
        })
        let place = ElementIndex(batch: 0, token: key / 16, head: key / 8 % 2, channel: key % 8)
        let actual = ElementBits(type: type, bits: bits)
        let found = try verdict(golden, spreading, budget: "atol=1e300,rtol=0")
        #expect(found.violations == [.notConfined(tensor: .key, count: 2, first: place, actual: actual)])
      }
      // Unwritten elements are not finite either, but are reported as unwritten.
      let unwritten = try verdict(
        golden,
        FaultyBackend(spoil: { run in run.unwrite(run.call.key.output, run.call.key.output.offset + key) }))
      #expect(unwritten.violations.count == 1)
      if case .notWritten(.key, 1, _) = unwritten.violations.first {} else { Issue.record("\(unwritten.violations)") }
    }
    // If every input is finite, NaN counts only as an error of accuracy.
    let invalid = FaultyBackend(spoil: { run in
      let view = run.call.key.output
      run.change(view, view.offset + 3) { _ in 0x7FC0_0000 }
    })
    let plain = try verdict(Golden.make(SpoiledCase.plain), invalid)
    #expect(plain.violations.isEmpty && plain.accuracy?.failedCount == 1)
  }

  @Test("Everything that does not hold is reported, not only the first of it")
  func several() throws {
    let workloads = [
      Workload("misaligned", .strided, sequence: 3, heads: (5, 2), storage: .misaligned),
      SpoiledCase.sampled,
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
          // The last run differs in another element too.
          if run.number == 3 { run.change(key, run.index(key, token: 0, channel: 3)) { $0 ^ 1 } }
        }), budget: "atol=1e9,rtol=0"
      ).violations
      let outside = found.compactMap { violation -> String? in
        if case .writtenOutside(let buffer, let region, _, _, _) = violation { "\(buffer), \(region)" } else { nil }
      }
      let buffers = ["query input", "query output", "key input", "key output"]
      let guards = buffers.flatMap { ["\($0), guard before the tensor", "\($0), guard after the tensor"] }
      #expect(Set(outside) == Set(guards + ["key input, input"]) && outside.count == 9, "\(outside)")
      func place(_ token: Int, _ head: Int, _ channel: Int) -> ElementIndex {
        ElementIndex(batch: 0, token: token, head: head, channel: channel)
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
}
