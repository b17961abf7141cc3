import Foundation
import RoPE

@testable import Devices

/// A call with the contents of its buffers, and the expectation for each element afterwards.
struct Trial: Sendable {
  var call: RotationCall
  /// Bit patterns of every element of every buffer.
  var contents: [[UInt32]]

  /// The buffers after the launch.
  func run(on launcher: PositionEmbeddings) throws -> (contents: [[UInt32]], evidence: LaunchEvidence) {
    let type = call.elementType
    let buffers = try contents.map { patterns in
      let buffer = try DeviceBuffer(device: launcher.device, byteCount: patterns.count * type.byteCount)
      if type.byteCount == 4 {
        try patterns.withUnsafeBytes { try buffer.upload(from: $0) }
      } else {
        try patterns.map(UInt16.init).withUnsafeBytes { try buffer.upload(from: $0) }
      }
      return buffer
    }
    guard let evidence = try launcher.launch(call, buffers: buffers) else { throw NothingLaunched() }
    let after = try zip(contents, buffers).map { patterns, buffer in
      if type.byteCount == 4 {
        var words = [UInt32](repeating: 0, count: patterns.count)
        try words.withUnsafeMutableBytes { try buffer.download(into: $0) }
        return words
      }
      var words = [UInt16](repeating: 0, count: patterns.count)
      try words.withUnsafeMutableBytes { try buffer.download(into: $0) }
      return words.map(UInt32.init)
    }
    return (after, evidence)
  }

  /// A call without tokens, for which nothing is launched.
  struct NothingLaunched: Error {}

  /// The first element that does not meet its expectation, or nil.
  func firstFault(in after: [[UInt32]]) -> String? {
    for (buffer, expected) in expectations().enumerated() {
      for (index, expectation) in expected.enumerated() {
        let bits = after[buffer][index]
        if !expectation.holds(for: bits, type: call.elementType) {
          return "buffer \(buffer)[\(index)]: \(call.elementType.value(ofBits: bits)), not \(expectation)"
        }
      }
    }
    return nil
  }

  /// Runs and compares; nil if everything is right.
  func fault(on launcher: PositionEmbeddings) throws -> String? {
    firstFault(in: try run(on: launcher).contents)
  }

  private func expectations() -> [[Expectation]] {
    var expected = contents.map { $0.map(Expectation.bits) }
    for tensor in call.present {
      for row in 0..<call.batch {
        for column in 0..<tensor.sequence {
          let token = row * tensor.sequence + column
          for head in 0..<tensor.heads {
            func element(_ view: TensorView, _ channel: Int) -> Int {
              view.index(token: token, head: head, sequence: tensor.sequence) + channel * view.strides.channel
            }
            let input = (0..<call.plan.headDimension).map {
              contents[tensor.input.buffer][element(tensor.input, $0)]
            }
            for (channel, expectation) in rotated(input, token: token).enumerated() {
              expected[tensor.output.buffer][element(tensor.output, channel)] = expectation
            }
          }
        }
      }
    }
    return expected
  }

  /// One head, rotated in float64.
  ///
  /// Cosine and sine carry κ₁ units of 2^-24: none from a table, two ulp from the kernel's polynomials and two
  /// roundings for the attention factor (4 + 2). The product and the fused multiply-add add one each.
  private func rotated(_ input: [UInt32], token: Int) -> [Expectation] {
    var head = input.map(Expectation.bits)
    let type = call.elementType
    for (index, pair) in call.plan.pairs.enumerated() {
      let (cosine, sine, kappa) = angle(ofPair: index, token: token)
      let first = type.value(ofBits: input[pair.input.first])
      let second = type.value(ofBits: input[pair.input.second])
      func near(_ a: Double, _ b: Double) -> Expectation {
        let error = (kappa + 2) * 0x1p-24 * (abs(a) + abs(b)) + 1e-12 * (abs(first) + abs(second))
        return .near(a + b, within: error + type.ulp(of: abs(a + b) + error) / 2)
      }
      head[pair.output.first] = near(first * cosine, -second * sine)
      head[pair.output.second] = near(second * cosine, first * sine)
    }
    return head
  }

  private func angle(ofPair pair: Int, token: Int) -> (cosine: Double, sine: Double, kappa: Double) {
    let factor = call.joint?.attentionFactor ?? .nan
    switch call.angles {
    case .none: return (1, 0, 0)
    case .table(let table, let rows):
      let index = Int(rows[token]) * table.pairCount + pair
      return (table.type.value(ofBits: table.cosines[index]), table.type.value(ofBits: table.sines[index]), 0)
    case .frequencies(let frequencies, _, let positions):
      let radians = Double(Float(positions[call.plan.pairs[pair].axis, token]) * frequencies[pair])
      return (factor * cos(radians), factor * sin(radians), 6)
    case .positions(let positions):
      let radians = positions[call.plan.pairs[pair].axis, token] * call.plan.pairs[pair].frequency.inDouble
      return (factor * cos(radians), factor * sin(radians), 6)
    }
  }
}

extension RotationCall {
  /// The angles that Q and K of a trial share.
  var angles: Angles {
    get { query.angles }
    set { (query.angles, key.angles) = (newValue, newValue) }
  }
  var sequence: Int {
    get { query.sequence }
    set { (query.sequence, key.sequence) = (newValue, newValue) }
  }
  /// Q and K; a trial has both.
  var query: RotatedTensor {
    get {
      guard let query = tensors.query else { preconditionFailure("no Q") }
      return query
    }
    set { tensors.query = newValue }
  }
  var key: RotatedTensor {
    get {
      guard let key = tensors.key else { preconditionFailure("no K") }
      return key
    }
    set { tensors.key = newValue }
  }
}

/// The expectation for one element after a launch.
enum Expectation: CustomStringConvertible {
  case bits(UInt32)
  case near(Double, within: Double)

  func holds(for bits: UInt32, type: ElementType) -> Bool {
    switch self {
    case .bits(let expected): bits == expected
    case .near(let expected, let tolerance): abs(type.value(ofBits: bits) - expected) <= tolerance
    }
  }

  var description: String {
    switch self {
    case .bits(let bits): "exactly the bits \(String(bits, radix: 16))"
    case .near(let value, let tolerance): "\(value) ± \(tolerance)"
    }
  }
}
