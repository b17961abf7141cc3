import Backends
import Conformance
import Goldens
import Judging
import RoPE
import Testing

/// The exact computation of another call than the one that is given.
private struct WrongCallBackend: RoPEBackend {
  let name = "wrong call"
  let summary = "computes another call"
  /// Changes the call.
  let change: @Sendable (inout RotationCall) -> Void
  /// Writes beside it.
  var scribble: (@Sendable (RotationCall, CallMemory) -> Void)?

  func support(for call: RotationCall) -> Support { .supported }

  func rotate(_ call: RotationCall, in memory: CallMemory) throws -> Evidence? {
    var call = call
    change(&call)
    scribble?(call, memory)
    return try ReferenceBackend().rotate(call, in: memory)
  }
}

extension Angles {
  /// The angles of other tokens: each token has those of the token whose number the function gives.
  fileprivate func ofTokens(_ tokens: [Int]) -> Angles {
    switch self {
    case .table(let table, let rows): .table(table, rows: tokens.map { rows[$0] })
    case .frequencies(let frequencies, let factor, let positions):
      .frequencies(frequencies, attentionFactor: factor, positions.ofTokens(tokens))
    case .positions(let positions): .positions(positions.ofTokens(tokens))
    default: self
    }
  }
}

@Suite("Wrong kernels in each kind of call") struct WrongCallTests {
  /// The outcomes of a wrong backend on the cases of a workload.
  private func outcomes(
    _ workload: String, _ change: @escaping @Sendable (inout RotationCall) -> Void = { _ in },
    scribble: (@Sendable (RotationCall, CallMemory) -> Void)? = nil
  ) throws -> [Outcome] {
    let runner = try CaseRunner.undiagnosed(
      WrongCallBackend(change: change, scribble: scribble), "correctly-rounded because it is exact")
    return try CallCases.recipes()
      .filter { $0.goldenCase.workload.name == workload && $0.goldenCase.contract != .unrotated }
      .map { try runner.report(on: Golden(computing: $0)).outcome }
  }

  /// All cases of the workload fail.
  private func expectAllFail(
    _ workload: String, _ change: @escaping @Sendable (inout RotationCall) -> Void = { _ in },
    scribble: (@Sendable (RotationCall, CallMemory) -> Void)? = nil
  ) throws {
    let outcomes = try outcomes(workload, change, scribble: scribble)
    #expect(outcomes.count >= 6)
    #expect(outcomes.allSatisfy { $0 == .fails }, "\(workload): \(outcomes)")
  }

  @Test("The unchanged call conforms", arguments: ["query-alone", "key-apart", "key-apart-ragged", "no-tokens"])
  func unchanged(_ workload: String) throws {
    #expect(try outcomes(workload).allSatisfy { $0 == .conforms })
  }

  @Test("K by the positions of Q", arguments: ["key-apart", "key-apart-ragged"])
  func keyByPositionsOfQuery(_ workload: String) throws {
    try expectAllFail(workload) { call in
      guard let query = call.query, let key = call.key else { return }
      let count = call.batch * query.sequence
      call.tensors.key?.angles = query.angles.ofTokens((0..<call.batch * key.sequence).map { $0 % count })
    }
  }

  @Test("As many tokens of K as Q has", arguments: ["key-apart", "key-apart-ragged"])
  func keyOfLengthOfQuery(_ workload: String) throws {
    try expectAllFail(workload) { call in
      guard let query = call.query, let key = call.key else { return }
      let kept = (0..<call.batch).flatMap { row in (0..<query.sequence).map { row * key.sequence + $0 } }
      call.tensors.key?.angles = key.angles.ofTokens(kept)
      call.tensors.key?.sequence = query.sequence
    }
  }

  @Test("Q that is copied, because there is no K")
  func queryCopiedWithoutKey() throws {
    try expectAllFail("query-alone") { call in
      guard let plan = try? Plan(.withoutRoPE(headDimension: call.plan.headDimension)) else { return }
      call.plan = plan
      call.tensors.query?.angles = .none
    }
  }

  @Test("The last query head left out", arguments: ["query-alone", "no-key-heads", "more-keys"])
  func lastHeadLeftOut(_ workload: String) throws {
    try expectAllFail(workload) { $0.tensors.query?.heads -= 1 }
  }

  @Test("As many heads of K as Q has")
  func keyHeadsOfQuery() throws {
    try expectAllFail("more-keys") { call in
      let heads = call.query?.heads ?? 0
      call.tensors.key?.heads = heads
    }
  }

  @Test("A write although there are no tokens")
  func writeWithoutTokens() throws {
    try expectAllFail(
      "no-tokens",
      scribble: { call, memory in
        guard let output = call.query?.output else { return }
        memory.buffers[output.buffer].setBits(0, at: output.offset, type: call.elementType)
      })
  }

  @Test("A fraction that is cut off, or rounded to the nearest integer", arguments: [true, false])
  func fractionsLost(isCutOff: Bool) throws {
    try expectAllFail("fractional-positions") { call in
      for name in TensorName.rotated {
        guard let positions = call.tensors[name]?.angles.positions else { continue }
        let integers = Positions(
          positions.values.map { isCutOff ? $0.rounded(.towardZero) : $0.rounded() }, axisCount: positions.axisCount)
        if case .frequencies(let frequencies, let factor, _) = call.tensors[name]?.angles {
          call.tensors[name]?.angles = .frequencies(frequencies, attentionFactor: factor, integers)
        } else {
          call.tensors[name]?.angles = .positions(integers)
        }
      }
    }
  }
}
