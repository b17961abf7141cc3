import Backends
import Devices
import RoPE

/// The kernel on the host, doing something other than requested.
struct WrongBackend: MemoryMakingBackend {
  typealias Change = @Sendable (inout RotationCall) throws -> Void

  private let kernel = KernelBackend(device: .host)
  /// Changes the call.
  private let change: Change
  /// Returns true for outputs that still follow the requested call.
  private let isSpared: @Sendable (_ tensor: TensorName, _ channel: Int, _ plan: Plan) -> Bool

  init(
    sparing isSpared: @escaping @Sendable (_ tensor: TensorName, _ channel: Int, _ plan: Plan) -> Bool = { _, _, _ in
      false
    },
    change: @escaping Change
  ) {
    self.change = change
    self.isSpared = isSpared
  }

  var name: String { "wrong" }
  var deviceName: String? { kernel.deviceName }
  var summary: String { "a test" }

  func support(for call: RotationCall) -> Support { kernel.support(for: call) }

  func makeMemory(byteCounts: [Int]) throws -> CallMemory { try kernel.makeMemory(byteCounts: byteCounts) }

  func rotate(_ call: RotationCall, in memory: CallMemory) throws -> Evidence? {
    var changed = call
    try change(&changed)
    let right = try kernel.makeMemory(byteCounts: memory.byteCounts)
    for buffer in memory.byteCounts.indices { try right.write(memory.bytes(of: buffer), to: buffer) }
    _ = try kernel.rotate(call, in: right)
    let evidence = try kernel.rotate(changed, in: memory)
    for name in TensorName.rotated {
      guard let buffer = call.tensors[name]?.output.buffer else { continue }
      var output = ElementArray(type: call.elementType, bytes: try memory.bytes(of: buffer))
      let asked = ElementArray(type: call.elementType, bytes: try right.bytes(of: buffer))
      for index in 0..<output.count where isSpared(name, index % call.plan.headDimension, call.plan) {
        output[index] = asked[index]
      }
      try memory.write(output.bytes, to: buffer)
    }
    return evidence
  }
}

extension CallMemory {
  fileprivate func bytes(of buffer: Int) throws -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: byteCounts[buffer])
    try bytes.withUnsafeMutableBytes { try read(buffer, at: 0, into: $0) }
    return bytes
  }

  fileprivate func write(_ bytes: [UInt8], to buffer: Int) throws {
    try bytes.withUnsafeBytes { try write($0, to: buffer, at: 0) }
  }
}

/// Known mistakes of kernels, under the position contract.
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
      WrongBackend { if $0.hasNegativePositions { $0.plan = try $0.plan.withoutAttentionFactor } }
    case .positionsOffByOne: WrongBackend { $0.mapPositions { $0 + 1 } }
    case .positionsInBfloat16: WrongBackend { $0.mapPositions(\.inBfloat16) }
    case .positionsClamped: WrongBackend { $0.mapPositions { min(max($0, -4095), 4095) } }
    case .positionsWithoutSign: WrongBackend { $0.mapPositions { abs($0) } }
    case .keyPositionsInBfloat16:
      WrongBackend(sparing: { tensor, _, _ in tensor == .query }) { $0.mapPositions(\.inBfloat16) }
    case .sineSignInSecondOutput:
      WrongBackend(sparing: { _, channel, plan in !plan.pairs.contains { $0.output.second == channel } }) {
        $0.mapPositions { -$0 }
      }
    case .sineSignInInterleaved:
      WrongBackend { call in
        if call.plan.pairs[0].input.second == call.plan.pairs[0].input.first + 1 {
          call.mapPositions { -$0 }
        }
      }
    case .sineSignEverywhere: WrongBackend { $0.mapPositions { -$0 } }
    }
  }
}

extension RotationCall {
  /// Changes the positions of the position contract, of every tensor.
  fileprivate mutating func mapPositions(_ change: (Double) -> Double) {
    tensors = tensors.map { tensor in
      guard var tensor, case .positions(let positions) = tensor.angles else { return tensor }
      tensor.angles = .positions(Positions(positions.values.map(change), axisCount: positions.axisCount))
      return tensor
    }
  }

  fileprivate var hasNegativePositions: Bool {
    present.contains { $0.angles.positions?.values.contains { $0 < 0 } ?? false }
  }
}

extension Double {
  fileprivate var inBfloat16: Double {
    ElementType.bfloat16.value(ofBits: ElementType.bfloat16.bits(rounding: self))
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
