import Backends
import CRoPEJudge
import Conformance
import Foundation
import Goldens
import Judging
import Reports
import RoPE
import RoPEJudge
import TestSupport
import Testing

@Suite("The caller drives", .timeLimit(.minutes(30))) struct CallerTests {
  private static let judge = Result { try Judge("{\"diagnoses\": false}") }

  /// Cases of all placements, layouts and element types, and of the calls of version 1.1.
  private static let names = [
    "glm-4-9b-chat/f32/prompt/position", "glm-4-9b-chat/f16/channels-apart/table-f32",
    "glm-4-9b-chat/f16/misaligned/frequency", "glm-4-9b-chat/bf16/fused-qkv/table",
    "glm-4-9b-chat/bf16/fused-qkv-in-place/frequency", "glm-4-9b-chat/bf16/bhsd-in-place/table-f32",
    "glm-4-9b-chat/bf16/ragged/table-f32", "glm-4-9b-chat/f32/backward/position", "glm-4-9b-chat/f16/non-finite/table",
    "gpt2/bf16/prompt/none",
  ]

  private func open(_ name: String) throws -> OpenedCase { try Self.judge.get().open(name) }

  /// Each case of the goldens that a pattern matches.
  private func names(_ pattern: String) throws -> [String] { try Judge(cases: [pattern]).names }

  @Test("Right outputs have the verdict of a single run of the judge, in every placement and kind of call")
  func right() throws {
    let calls = try ["*/*/query-alone/*", "*/*/key-apart*/*", "*/*/no-*/*", "*/*/fractional-positions/*"].flatMap(names)
    let once = try Judge("{\"runs\": 1}"), plugin = try Plugin.right.get()
    for name in Self.names + calls {
      let opened = try open(name)
      try plugin.apply(opened.call)
      let found = try opened.judge()
      #expect(found.outcome == .conforms, "\(found.text)")
      #expect(found.withoutTime == (try once.check(name, plugin).withoutTime))
    }
  }

  /// Spoils the call after the right rotation, and is told by the verdict.
  private static let faults: [(name: String, words: String, spoil: @Sendable (rope_call) -> Void)] = [
    (
      "behind", "guard after the tensor",
      { call in call.key_out.bytes[call.key_out.byteCount + 255] ^= 1 }
    ),
    ("before", "guard before the tensor", { call in call.query_out.bytes[-256] ^= 1 }),
    ("input", "query input", { call in call.query_in.bytes[2] ^= 1 }),
    (
      "left out", "1 elements were not written",
      { call in call.query_out.elements(UInt32.self)[3] = CaseCall.poison(.float32) }
    ),
    ("wrong", "1 of ", { call in call.query_out.elements(Float.self)[5] += 0.125 }),
    ("plan", "call->plan->head_dim", { call in UnsafeMutablePointer(mutating: call.plan).pointee.head_dim = 3 }),
    (
      "positions", "byte 8 of the list call->positions",
      { call in UnsafeMutablePointer(mutating: call.positions)[1] = 99 }
    ),
  ]

  @Test("Each fault is told, and a reset undoes it", arguments: faults.map(\.name))
  func fault(_ name: String) throws {
    let fault = try #require(Self.faults.first { $0.name == name })
    let opened = try open(Self.names[0]), plugin = try Plugin.right.get()
    try plugin.apply(opened.call)
    fault.spoil(opened.call.pointee)
    let found = try opened.judge()
    #expect(found.outcome == .fails && found.text.contains(fault.words), "\(found.text)")
    try opened.reset()
    let unwritten = try opened.judge()
    #expect(unwritten.text.contains("elements were not written"), "\(unwritten.text)")
    try plugin.apply(opened.call)
    #expect(try opened.judge().outcome == .conforms)
  }

  @Test("A case in place can be run again after a reset")
  func inPlace() throws {
    let opened = try open("glm-4-9b-chat/bf16/bhsd-in-place/table-f32"), plugin = try Plugin.right.get()
    try plugin.apply(opened.call)
    #expect(try opened.judge().outcome == .conforms)
    try plugin.apply(opened.call)
    #expect(try opened.judge().outcome == .fails)
    try opened.reset()
    try plugin.apply(opened.call)
    #expect(try opened.judge().outcome == .conforms)
  }

  /// Orders in which a tensor lies in the caller's own memory: the axes from the slowest, and whether each runs backwards.
  private static let orders: [(axes: [Int], isReversed: Bool)] = [
    ([0, 1, 2, 3], false), ([3, 2, 1, 0], false), ([0, 2, 1, 3], true), ([2, 0, 3, 1], true),
  ]

  @Test("Outputs in other memory are judged with any strides", arguments: orders.indices)
  func foreign(_ order: Int) throws {
    let (axes, isReversed) = Self.orders[order], plugin = try Plugin.right.get()
    for name in Self.names.filter({ !$0.contains("in-place") }) {
      let opened = try open(name)
      try plugin.apply(opened.call)
      var query = OwnTensor(copying: opened.call.pointee.query_out.pointee, axes, isReversed: isReversed)
      let key = OwnTensor(copying: opened.call.pointee.key_out.pointee, axes, isReversed: isReversed)
      try opened.reset()
      let right = try query.withTensor { query in try key.withTensor { key in try opened.judge(query, key) } }
      #expect(right.outcome == .conforms, "\(right.text)")
      query.bytes[query.firstByte] ^= 0x40
      query.bytes[query.firstByte + 1] ^= 0x40
      opened.call.pointee.query_in.bytes[0] ^= 1
      let wrong = try query.withTensor { query in try key.withTensor { key in try opened.judge(query, key) } }
      #expect(wrong.outcome == .fails && wrong.text.contains("[batch 0, token 0, head 0, channel 0]"), "\(wrong.text)")
      #expect(wrong.text.contains("wrote byte") || wrong.text.contains("changed"), "\(wrong.text)")
    }
  }

  @Test("A description says what the call does not; also of an invalid case and its twin")
  func description() throws {
    let judge = try Self.judge.get()
    let invalid = try #require(try names("*/*/*-beyond-*/*").first { $0.contains("table") })
    let library = try ConformanceSuite().library
    let twin = try #require(try library.goldenCase(named: invalid).twin?.name)
    for name in [Self.names[3], Self.names[7], invalid, twin] {
      let json = try text { rope_judge_describe(judge.pointer, name, $0, $1) }
      let object = try #require(try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
      let known = try library.goldenCase(named: name)
      #expect(object["name"] as? String == name)
      #expect(object["layout"] as? String == known.workload.layout.rawValue)
      #expect(object["direction"] as? String == known.workload.direction.rawValue)
      #expect(object["element_type"] as? String == known.elementType.rawValue)
      let workload = try JSONSerialization.data(withJSONObject: #require(object["workload"]))
      #expect(try JSONDecoder().decode(Workload.self, from: workload) == known.workload)
      let configuration = try JSONSerialization.data(withJSONObject: #require(object["configuration"]))
      #expect(try JSONDecoder().decode(Convention.self, from: configuration) == known.convention)
    }
  }
}

extension UnsafePointer<rope_tensor> {
  /// The bytes from the first element on.
  fileprivate var bytes: UnsafeMutablePointer<UInt8> { elements(UInt8.self) }

  /// The size of a contiguous tensor of float32.
  fileprivate var byteCount: Int {
    Int(pointee.shape.0 * pointee.shape.1 * pointee.shape.2 * pointee.shape.3) * 4
  }

  /// The memory from the first element on.
  func elements<Element>(_ type: Element.Type) -> UnsafeMutablePointer<Element> {
    guard let data = pointee.data else { preconditionFailure("the tensor of a case has data") }
    return data.assumingMemoryBound(to: type)
  }
}

/// A tensor in memory of its own.
private struct OwnTensor {
  var bytes: [UInt8]
  /// The offset of the element with all indices 0.
  let firstByte: Int
  private var tensor: rope_tensor

  /// Copies a tensor; `axes` are those of its new memory from the slowest, each of which can run backwards.
  init(copying other: rope_tensor, _ axes: [Int], isReversed: Bool) {
    let size = other.element_type == UInt32(ROPE_ELEMENT_FLOAT32) ? 4 : 2
    let shape = [other.shape.0, other.shape.1, other.shape.2, other.shape.3].map(Int.init)
    let from = [other.strides.0, other.strides.1, other.strides.2, other.strides.3].map(Int.init)
    var strides = [0, 0, 0, 0], step = 1
    for axis in axes.reversed() {
      strides[axis] = isReversed ? -step : step
      step *= shape[axis]
    }
    let first = isReversed ? step - 1 : 0
    bytes = [UInt8](repeating: 0, count: step * size)
    firstByte = first * size
    if let data = other.data {
      for number in 0..<step {
        let index = [
          number / (shape[1] * shape[2] * shape[3]), number / (shape[2] * shape[3]) % shape[1],
          number / shape[3] % shape[2], number % shape[3],
        ]
        let source = zip(index, from).reduce(0) { $0 + $1.0 * $1.1 }
        let target = first + zip(index, strides).reduce(0) { $0 + $1.0 * $1.1 }
        for byte in 0..<size {
          bytes[target * size + byte] = data.load(fromByteOffset: source * size + byte, as: UInt8.self)
        }
      }
    }
    tensor = other
    tensor.strides = (Int64(strides[0]), Int64(strides[1]), Int64(strides[2]), Int64(strides[3]))
  }

  func withTensor<Value>(_ body: (UnsafePointer<rope_tensor>) throws -> Value) rethrows -> Value {
    try bytes.withUnsafeBytes { bytes in
      var tensor = tensor
      tensor.data = bytes.baseAddress.map { UnsafeMutableRawPointer(mutating: $0) + firstByte }
      return try withUnsafePointer(to: tensor, body)
    }
  }
}
