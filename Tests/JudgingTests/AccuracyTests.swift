import Backends
import Conformance
import Diagnosis
import Judging
import RoPE
import Testing

@testable import Goldens

@Suite struct AccuracyTests {
  private let plain = Workload("plain", .withRoPE, sequence: 3, heads: (2, 1))

  /// The verdict if one query, of token 1, head 1 and channel 3, has other bits.
  private func judged(
    _ golden: Golden, budget: String, _ bits: @escaping @Sendable (UInt32) -> UInt32
  ) throws -> Verdict {
    try verdict(
      golden,
      FaultyBackend(spoil: { run in
        let view = run.call.query.output
        run.change(view, run.index(view, token: 1, head: 1, channel: 3), bits)
      }), budget: budget)
  }

  /// The exact value of that query, of 2 heads of 8 channels.
  private func exactValue(in golden: Golden) -> Double {
    let row = 1 * 2 + 1
    return golden.expected(.query)[row * 8 + 3]
  }

  @Test("One ULP beside the right bits is not correctly rounded", arguments: ElementType.allCases)
  func oneULP(_ type: ElementType) throws {
    // In float32 the kernel rounds every output correctly only at position 0.
    let golden = try Golden.make(plain, Golden.partial, type, positions: type == .float32 ? [0, 0, 0] : nil)
    let exact = exactValue(in: golden)
    let right = type.bits(rounding: exact)
    #expect(try judged(golden, budget: "correctly-rounded") { _ in right }.accuracy?.failedCount == 0)
    for neighbour in [right - 1, right + 1] {
      let accuracy = try judged(golden, budget: "correctly-rounded") { _ in neighbour }.accuracy
      #expect(accuracy?.failedCount == 1)
      #expect(accuracy?.worst?.actual.bits == neighbour)
      #expect((0.5...1.5).contains(accuracy?.worst?.ulpError ?? 0))
    }
  }

  @Test("An error just inside of the limit conforms, one just outside fails", arguments: ElementType.allCases)
  func limit(_ type: ElementType) throws {
    let golden = try Golden.make(plain, Golden.partial, type)
    let exact = exactValue(in: golden)
    for sign in [1.0, -1.0] {
      let target = exact + sign / 8
      var inside = type.bits(rounding: target)
      // Rounding may have crossed the limit; a smaller pattern is nearer to zero.
      let away = target.magnitude > exact.magnitude
      if (type.value(ofBits: inside) - exact).magnitude > 0.125 { inside = away ? inside - 1 : inside + 1 }
      let outside = away ? inside + 1 : inside - 1
      let accepted = try judged(golden, budget: "atol=0.125,rtol=0") { [inside] _ in inside }
      let refused = try judged(golden, budget: "atol=0.125,rtol=0") { _ in outside }
      #expect(accepted.outcome == .conforms && refused.outcome == .fails)
      #expect(refused.accuracy?.failedCount == 1 && refused.violations.isEmpty)
      #expect(refused.accuracy?.worst?.severity ?? 0 > 1 && accepted.accuracy?.worst?.severity ?? 2 <= 1)
    }
  }

  @Test("NaN and infinity stay in their pair and keep their sign", arguments: ElementType.allCases)
  func nonFinite(_ type: ElementType) throws {
    let workload = Workload("non-finite", .withRoPE, sequence: 9, heads: (5, 2), pattern: .nonFinite)
    let golden = try Golden.make(workload, Golden.full, type)
    #expect(try verdict(golden, FaultyBackend()).outcome == .conforms)
    let expected = golden.expected(.query)
    let infinity = type.bits(rounding: .infinity), nan = type.bits(rounding: .nan)
    let finite = try #require(expected.firstIndex { $0.isFinite })
    let infinite = try #require(expected.firstIndex { $0.isInfinite })
    let invalid = try #require(expected.firstIndex { $0.isNaN })
    let sign: UInt32 = 1 << UInt32(8 * type.byteCount - 1)
    let largest = type.bits(rounding: expected[infinite]) - 1
    for (index, bits) in [
      (finite, nan), (finite, infinity), (infinite, largest), (infinite, nan),
      (infinite, type.bits(rounding: expected[infinite]) ^ sign), (invalid, infinity), (invalid, 0),
    ] {
      let found = try verdict(
        golden,
        FaultyBackend(spoil: { run in
          run.change(run.call.query.output, run.call.query.output.offset + index) { _ in bits }
        }), budget: "atol=1,rtol=0.1")
      #expect(found.outcome == .fails && found.accuracy?.failedCount == 1, "\(bits)")
      #expect(found.violations.isEmpty == (index != finite), "\(bits): \(found.violations)")
      #expect(found.accuracy?.worst?.severity == .infinity)
    }
  }

  @Test("The grade is the tightest budget that every element keeps to, whatever the case's own")
  func grade() throws {
    for budget in ["float32-exact-angle", "ulp=1000", "correctly-rounded"] {
      let golden = try Golden.make(plain, Golden.partial, .bfloat16)
      func grade(_ target: @escaping @Sendable (Double) -> Double) throws -> String? {
        let exact = exactValue(in: golden)
        return try judged(golden, budget: budget) { _ in
          ElementType.bfloat16.bits(rounding: target(exact))
        }.grade?.name
      }
      #expect(try grade { $0 } == "correctly-rounded")
      // 2^-8 is half an ulp at most, and a table in bfloat16 moves a term by as much.
      #expect(try grade { $0 * (1 + 0x1p-8 + 0x1p-9) } == "table-rounded")
      #expect(try grade { $0 * (1 + 2.75 * 0x1p-8) } == "storage-arithmetic")
      #expect(try grade { -$0 } == nil)
    }
    let copied = try verdict(Golden.make(plain, Golden.none), FaultyBackend())
    #expect(copied.grade == nil && copied.accuracy?.elementCount == 0)
  }

  @Test("An element with the opposite sign is not right except for rounding, at positions where c8 allows any angle")
  func anyAngle() throws {
    let golden = try Golden.make(plain, Golden.full, positions: [0x1p24, 0x1p24 + 1, 0x1p24 + 2])
    let place = ElementIndex(batch: 0, token: 1, head: 0, channel: 0)
    let found = try diagnosed(golden, FaultyBackend(spoil: { $0.change(.key, place) { $0 ^ 1 << 31 } }))
    #expect(found.verdict.accuracy?.failedCount == 1 && found.verdict.grade == nil)
    let statements = found.statements.map(\.description)
    #expect(statements.count == 1 && statements[0].contains("has the wrong sign"), "\(statements)")
  }

  @Test("The worst element is where it lies, in every layout, in Q and K")
  func worst() throws {
    let workloads = [
      Workload("bshd", .batch, batch: 2, sequence: 3, heads: (5, 4)),
      Workload("bhsd", .batch, batch: 2, sequence: 3, heads: (5, 4), layout: .bhsd),
      Workload("thd", .ragged, sequence: 6, heads: (5, 4), layout: .thd, sequenceLengths: [1, 0, 5]),
      Workload("misaligned", .batch, batch: 2, sequence: 3, heads: (5, 4), storage: .misaligned),
      Workload("sampled", .largeSequence, sequence: 600, heads: (5, 4), isSampled: true),
    ]
    for workload in workloads {
      let golden = try Golden.make(workload)
      for tensor in [TensorName.query, .key] {
        let place = ElementIndex(
          batch: workload.batch - 1, token: workload.sequence - 2, head: 3, channel: tensor == .query ? 5 : 2)
        let found = try verdict(
          golden,
          FaultyBackend(spoil: { run in
            run.change(tensor, place) { $0 ^ 1 << 22 }
            // A smaller error before it.
            run.change(tensor, ElementIndex(batch: 0, token: 0, head: 0, channel: 2)) { $0 ^ 1 << 12 }
          }))
        let worst = try #require(found.accuracy?.worst)
        #expect(found.outcome == .fails && found.accuracy?.failedCount == 2 && found.violations.isEmpty)
        #expect(worst.tensor == tensor && worst.element == place, "\(workload.name): \(worst)")
        // The slice begins at channel 2; outputs are in half pairing: channels 2 and 4, 3 and 5.
        #expect(worst.pair == (tensor == .query ? 1 : 0), "\(workload.name)")
        let token = place.batch * workload.sequence + place.token
        #expect(worst.position == golden.positions[0, token], "\(workload.name)")
      }
    }
  }
}
