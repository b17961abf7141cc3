import CRoPEJudge
import Conformance
import Devices
import Foundation
import Judging
import Reports
import RoPE
import RoPEJudge
import Testing

@Suite("Limits", .timeLimit(.minutes(30))) struct LimitsTests {
  /// Rules of every form of limit.
  private static let rules = [
    "correctly-rounded", "float32-exact-angle", "float32-angle-c8", "storage-arithmetic", "ulp=3",
    "atol=0.001,rtol=0.002", "atol=0,rtol=0",
  ]

  private static let names = [
    "glm-4-9b-chat/f32/prompt/position", "glm-4-9b-chat/f16/cancellation/frequency",
    "glm-4-9b-chat/bf16/subnormal/table-f32", "glm-4-9b-chat/f16/channels-apart/table-f32",
    "glm-4-9b-chat/bf16/single-token/position",
  ]

  @Test("An output at its limit conforms, and one beyond it fails", arguments: rules)
  func edges(_ rule: String) throws {
    let judge = try Judge("{\"diagnoses\": false, \"tolerances\": [\"** = \(rule) because a test says so\"]}")
    var certain = 0
    for name in Self.names {
      let opened = try judge.open(name)
      for isUp in [true, false] {
        let within = try outputs(of: opened) { $0.edge($1, isUp: isUp) }
        #expect(within.outcome == .conforms, "\(isUp): \(within.text)")
        try opened.reset()
        // An output in a larger binade may be farther off than the limit.
        let before = certain
        let beyond = try outputs(of: opened) { element, type in
          let output = element.beyond(type, isUp: isUp)
          if type.ulp(of: output.magnitude.nextDown) <= type.ulp(of: element.expected) { certain += 1 }
          return output
        }
        let failed = try #require(beyond.verdict.accuracy?.failedCount)
        #expect(failed >= certain - before, "\(isUp): \(failed) of \(certain - before) fail: \(beyond.text)")
        try opened.reset()
      }
    }
    #expect(certain > 1_000)
  }

  @Test("Copied elements have the limit 0, and results that are not finite have none or any")
  func special() throws {
    let judge = try Judge(), name = "glm-4-9b-chat/f16/non-finite/position"
    let elements = try limits(of: judge.open(name), 0)
    #expect(elements.contains { $0.expected.isNaN && $0.limit == 0 })
    #expect(elements.filter { !$0.expected.isFinite }.allSatisfy { $0.limit == 0 || $0.limit == .infinity })
    let copied = elements.filter { $0.channel >= 64 }
    #expect(!copied.isEmpty && copied.allSatisfy { $0.limit == 0 })
    #expect(elements.contains { $0.limit > 0 && $0.limit.isFinite })
  }

  /// One output element.
  private struct Element {
    let channel: Int
    let expected: Double
    let limit: Double

    /// The output within the limit that is farthest from the exact result on one side.
    func edge(_ type: ElementType, isUp: Bool) -> Double {
      let far = expected + (isUp ? limit : -limit)
      var output = type.value(ofBits: type.bits(rounding: far))
      while (output - expected).magnitude > limit {
        let next = type.next(output, isUp: !isUp)
        // The nearest value may lie on the other side.
        if (next - expected).sign != (output - expected).sign, (next - expected).magnitude > limit {
          return type.value(ofBits: type.bits(rounding: expected))
        }
        output = next
      }
      return output
    }

    /// The first output beyond the limit on one side.
    func beyond(_ type: ElementType, isUp: Bool) -> Double {
      var output = edge(type, isUp: isUp)
      while (output - expected).magnitude <= limit || (output < expected) == isUp {
        output = type.next(output, isUp: isUp)
      }
      return output
    }
  }

  /// Judges outputs that a function gives for each rotated element; others are copied.
  private func outputs(of opened: OpenedCase, _ output: (Element, ElementType) -> Double) throws -> CaseReport {
    let call = opened.call.pointee
    for (number, tensor) in [call.query_out, call.key_out].enumerated() {
      let tensor = try #require(tensor), elements = try limits(of: opened, Int32(number))
      let type = try #require(ElementType.allCases.first { $0.abiCode == tensor.pointee.element_type })
      let (shape, strides) = (tensor.pointee.shape, tensor.pointee.strides)
      for (index, element) in elements.enumerated() {
        let index = Int64(index), channel = index % shape.3, head = index / shape.3 % shape.2
        let token = index / (shape.3 * shape.2) % shape.1, batch = index / (shape.3 * shape.2 * shape.1)
        let place = batch * strides.0 + token * strides.1 + head * strides.2 + channel * strides.3
        let value = element.limit == 0 ? element.expected : output(element, type)
        let bits = type.bits(rounding: value)
        if type == .float32 {
          tensor.elements(UInt32.self)[Int(place)] = bits
        } else {
          tensor.elements(UInt16.self)[Int(place)] = UInt16(bits)
        }
      }
    }
    return try opened.judge()
  }

  private func limits(of opened: OpenedCase, _ tensor: Int32) throws -> [Element] {
    let shape = (tensor == 0 ? opened.call.pointee.query_out : opened.call.pointee.key_out).pointee.shape
    let count = Int(shape.0 * shape.1 * shape.2 * shape.3)
    var expected = [Double](repeating: .nan, count: count), limits = expected
    try call { rope_case_limits(opened.pointer, tensor, &expected, &limits, count, $0) }
    return zip(expected, limits).enumerated().map { index, pair in
      Element(channel: index % Int(shape.3), expected: pair.0, limit: pair.1)
    }
  }
}

extension ElementType {
  /// The neighbour of a finite value of this type.
  fileprivate func next(_ value: Double, isUp: Bool) -> Double {
    guard value != 0 else { return (isUp ? 1 : -1) * self.value(ofBits: 1) }
    let bits = bits(rounding: value)
    return self.value(ofBits: (value > 0) == isUp ? bits + 1 : bits - 1)
  }
}
