import Backends
import Foundation
import RoPE
import Testing

@testable import Devices

@Suite("Kinds of calls on the host", .timeLimit(.minutes(30))) struct CallKindsTests {
  private let launcher = PositionEmbeddings(device: .host, cache: KernelCache())

  /// The largest difference between the kernel and the exact result.
  ///
  /// Every element outside the outputs must be unchanged.
  private func difference(_ trial: Trial) throws -> Double {
    let type = trial.call.elementType
    let memory = CallMemory(byteCounts: trial.contents.map { $0.count * type.byteCount })
    for (buffer, patterns) in zip(memory.buffers, trial.contents) {
      for (index, bits) in patterns.enumerated() { buffer.setBits(bits, at: index, type: type) }
    }
    _ = try ReferenceBackend().rotate(trial.call, in: memory)
    let (after, evidence) = try trial.run(on: launcher)
    #expect(evidence.tokenCount == trial.call.tokenCount)
    return zip(memory.buffers, after).reduce(0) { largest, buffers in
      buffers.1.indices.reduce(largest) { largest, index in
        let exact = UnsafeRawBufferPointer(buffers.0).bits(at: index, type: type), found = buffers.1[index]
        return exact == found
          ? largest : max(largest, (type.value(ofBits: exact) - type.value(ofBits: found)).magnitude)
      }
    }
  }

  /// The largest error that the kernel may have.
  ///
  /// Cosine and sine err by two ulp of 2^-24, their product with an element and the sum by half an ulp each: less than
  /// `(|x₀| + |x₁|) · 2^-22 < 2^-20` for elements below 2, times the attention factor 1.25. The phase errs by less.
  private static let limit = 1.25 * 0x1p-20

  private func trial(_ contract: Contract = .position) throws -> Trial {
    try Recipe(configuration: .grouped(.half), contract: contract).trial()
  }

  @Test("Q alone, K alone, and K with other positions or another length", arguments: [Contract.position, .table])
  func tensors(contract: Contract) throws {
    let whole = try trial(contract)
    var alone = whole
    alone.call.tensors.key = nil
    #expect(try difference(alone) < Self.limit)
    alone = whole
    alone.call.tensors.query = nil
    #expect(try difference(alone) < Self.limit)
    var apart = whole
    apart.call.key.sequence = 2
    if case .table(let table, _) = apart.call.query.angles {
      apart.call.key.angles = .table(table, rows: [6, 0, 1, 2])
    } else {
      apart.call.key.angles = .positions([100, -7, 3, 65_537])
    }
    #expect(apart.call.tokenCount == 10 && launcher.support(for: apart.call) == .supported)
    #expect(try difference(apart) < Self.limit)
  }

  @Test("No key heads are one launch, and no tokens none")
  func nothing() throws {
    var trial = try trial()
    trial.call.key.heads = 0
    #expect(try difference(trial) < Self.limit)
    trial = try Recipe(sequence: 0).trial()
    #expect(launcher.support(for: trial.call) == .supported)
    #expect(throws: Trial.NothingLaunched.self) { try trial.run(on: launcher) }
  }

  @Test("Two launches are two numbers, and evidence of all tokens")
  func evidence() throws {
    var trial = try trial()
    trial.call.key.angles = .positions([5, 4, 3, 2, 1, 0])
    let (_, first) = try trial.run(on: launcher), (_, second) = try trial.run(on: launcher)
    #expect(first.tokenCount == 12 && first.blockCount == 12)
    #expect(second.launchNumber >= first.launchNumber + 2)
  }

  @Test("Fractions of a position at frequencies of many turns, of negative ones, and of none")
  func fractions() throws {
    var trial = try trial()
    let frequencies = [0x1p24, -0x1p24, 7, -100.5, 1, -0.25, 0, 1e-9] + (0..<8).map { pow(10, Double($0) - 3) }
    trial.call.plan = trial.call.plan.with(table: .list(frequencies))
    trial.call.angles = .positions([0.1, -0.7, 131_071.9, -2_147_483_646.5, 0x1p-60, -33.3])
    #expect(try difference(trial) < Self.limit)
    trial.call.angles = .frequencies(
      frequencies.map { Float($0) / 16 }, attentionFactor: 1.25,
      [0.1, -0.7, 131_071.9, -2_147_483_646.5, 0x1p-60, -33.3])
    #expect(try difference(trial) < Self.limit)
  }
}
