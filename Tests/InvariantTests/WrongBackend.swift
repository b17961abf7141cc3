import Backends
import HIP
import RoPE

/// The kernel on the host, which does something else than it was asked for.
struct WrongBackend: RoPEBackend {
  typealias Change = @Sendable (inout RotationCall) throws -> Void

  private let kernel = HIPBackend(device: .host)
  /// What the call becomes.
  private let change: Change
  /// Which outputs are those of the call that was asked for all the same.
  private let isSpared: @Sendable (_ isKey: Bool, _ channel: Int, _ plan: Plan) -> Bool

  init(
    sparing isSpared: @escaping @Sendable (_ isKey: Bool, _ channel: Int, _ plan: Plan) -> Bool = { _, _, _ in false },
    change: @escaping Change
  ) {
    self.change = change
    self.isSpared = isSpared
  }

  var name: String { "wrong" }
  var deviceName: String? { kernel.deviceName }
  var summary: String { "a test" }

  func support(for call: RotationCall) -> Support { kernel.support(for: call) }

  func rotate(_ call: RotationCall, in memory: CallMemory) throws -> Evidence? {
    var changed = call
    try change(&changed)
    let right = CallMemory(byteCounts: memory.byteCounts)
    for (target, source) in zip(right.buffers, memory.buffers) { target.copyMemory(from: .init(source)) }
    _ = try kernel.rotate(call, in: right)
    let evidence = try kernel.rotate(changed, in: memory)
    for (isKey, tensor) in [(false, call.query), (true, call.key)] {
      let target = memory.buffers[tensor.output.buffer], source = right.buffers[tensor.output.buffer]
      for index in 0..<target.count / call.elementType.byteCount
      where isSpared(isKey, index % call.plan.headDimension, call.plan) {
        target.setBits(
          UnsafeRawBufferPointer(source).bits(at: index, type: call.elementType), at: index, type: call.elementType)
      }
    }
    return evidence
  }
}

/// Mistakes that kernels are known to make, under the position contract.
enum Mistake: String, CaseIterable {
  case alwaysHalf
  case attentionFactorLost
  case attentionFactorLostBackward
  case positionsOffByOne
  case positionsInBfloat16
  case positionsClamped
  case positionsWithoutSign
  case keyPositionsInBfloat16
  case sineSignInSecondOutput
  case sineSignInInterleaved
  case sineSignEverywhere

  var backend: WrongBackend {
    switch self {
    case .alwaysHalf: WrongBackend { $0.plan = try $0.plan.paired(.half) }
    case .attentionFactorLost: WrongBackend { $0.plan = try $0.plan.withoutAttentionFactor }
    case .attentionFactorLostBackward:
      WrongBackend { if $0.positions.contains(where: { $0 < 0 }) { $0.plan = try $0.plan.withoutAttentionFactor } }
    case .positionsOffByOne: WrongBackend { $0.positions = $0.positions.map { $0 + 1 } }
    case .positionsInBfloat16: WrongBackend { $0.positions = $0.positions.map(\.inBfloat16) }
    case .positionsClamped: WrongBackend { $0.positions = $0.positions.map { min(max($0, -4095), 4095) } }
    case .positionsWithoutSign: WrongBackend { $0.positions = $0.positions.map { abs($0) } }
    case .keyPositionsInBfloat16:
      WrongBackend(sparing: { isKey, _, _ in !isKey }) { $0.positions = $0.positions.map(\.inBfloat16) }
    case .sineSignInSecondOutput:
      WrongBackend(sparing: { _, channel, plan in !plan.pairs.contains { $0.output.second == channel } }) {
        $0.positions = $0.positions.map { -$0 }
      }
    case .sineSignInInterleaved:
      WrongBackend { call in
        if call.plan.pairs[0].input.second == call.plan.pairs[0].input.first + 1 {
          call.positions = call.positions.map { -$0 }
        }
      }
    case .sineSignEverywhere: WrongBackend { $0.positions = $0.positions.map { -$0 } }
    }
  }
}

extension RotationCall {
  /// The positions of the position contract.
  fileprivate var positions: [Int64] {
    get { if case .positions(let positions) = angles { positions } else { [] } }
    set { angles = .positions(newValue) }
  }
}

extension Int64 {
  fileprivate var inBfloat16: Int64 {
    Int64(ElementType.bfloat16.value(ofBits: ElementType.bfloat16.bits(rounding: Double(self))))
  }
}

extension Plan {
  fileprivate var withoutAttentionFactor: Plan {
    get throws { try Plan(headDimension: headDimension, pairs: pairs, axisCount: axisCount) }
  }

  /// The same channels in another pairing.
  fileprivate func paired(_ pairing: Pairing) throws -> Plan {
    let channels = pairs.flatMap { [$0.input.first, $0.input.second] }.sorted()
    return try Plan(
      headDimension: headDimension,
      pairs: pairs.enumerated().map { index, pair in
        let place = pairing.channels(ofPair: index, of: pairs.count, from: 0)
        let own = Channels(channels[place.first], channels[place.second])
        return Pair(input: own, output: own, axis: pair.axis, frequency: pair.frequency)
      }, attentionFactor: attentionFactor, axisCount: axisCount)
  }
}
