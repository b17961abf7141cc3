import CRoPEJudge
import Conformance
import Foundation
import Judging
import Reports
import RoPEJudge
import Synchronization
import TestSupport
import Testing

@Suite("Memory of the caller", .timeLimit(.minutes(30))) struct MemoryTests {
  /// Cases of all placements.
  private static let cases = [
    "glm-4-9b-chat/f32/prompt/position", "glm-4-9b-chat/f16/{channels-apart,misaligned}/**",
    "glm-4-9b-chat/bf16/{fused-qkv,fused-qkv-in-place,bhsd-in-place}/**", "*/*/query-alone/position",
    "*/*/*-beyond-*/*",
  ]

  @Test("Verdicts are those of host memory, and all memory is released")
  func same() throws {
    let judge = try Judge(cases: Self.cases), plugin = try Plugin.right.get(), memory = Memory()
    let there = try memory.withFunctions { try judge.run(plugin, memory: $0) }
    let here = try RunReport(jsonLines: judge.run(plugin).text("json"))
    let found = try RunReport(jsonLines: there.text("json"))
    #expect(found.cases.map(\.withoutTime) == here.cases.map(\.withoutTime))
    #expect(there.conforms && here.cases.count > 8)
    #expect(memory.counts.allocated > 20 && memory.counts.allocated == memory.counts.released)
    #expect(memory.counts.written > memory.counts.allocated && memory.counts.read > memory.counts.allocated)
  }

  @Test(
    "Faults are found there",
    arguments: [
      (
        "writes-behind-there", "((char *)call->query_out->data)[elements(call->query_out) * 4 + 7] ^= 1;",
        "guard after"
      ),
      ("changes-an-input-there", "((char *)call->query_in->data)[5] ^= 1;", "query input"),
      ("leaves-out-there", "((uint32_t *)call->key_out->data)[0] = 0xFFADBEEF;", "not written"),
    ])
  func fault(name: String, after: String, words: String) throws {
    let plugin = try Plugin(name, after: after), judge = try Judge("{\"diagnoses\": false}")
    let found = try Memory().withFunctions {
      try judge.check("glm-4-9b-chat/f32/prompt/position", plugin, memory: $0)
    }
    #expect(found.outcome == .fails && found.text.contains(words), "\(found.text)")
  }

  @Test("A function that fails fails the case, with its text", arguments: Memory.Fault.allCases)
  func failing(_ fault: Memory.Fault) throws {
    let judge = try Judge("{\"diagnoses\": false}"), plugin = try Plugin.right.get(), memory = Memory(fault)
    let invalid = try #require(try Judge(cases: ["*/*/*-beyond-*/*"]).names.first)
    for name in ["glm-4-9b-chat/f32/prompt/position", invalid] {
      let found = try memory.withFunctions { try judge.check(name, plugin, memory: $0) }
      // The twin of the invalid case is not carried out right, which says less.
      let isTwin = name == invalid && [.write, .read, .noStatus].contains(fault)
      #expect(found.text.contains(isTwin ? "a refusal shows nothing" : fault.words), "\(found.text)")
      #expect(found.outcome == (isTwin || fault == .noMemory ? .unsupported : .fails), "\(found.text)")
    }
    #expect(memory.counts.allocated == memory.counts.released)
  }

  @Test("A struct without a function, or of another size, is an argument that cannot be used")
  func unusable() throws {
    let judge = try Judge(), plugin = try Plugin.right.get()
    let changes: [(words: String, change: (inout rope_memory) -> Void)] = [
      ("struct_size of 8: must be at least 48", { $0.struct_size = 8 }),
      ("leaves 'allocate' of its rope_memory null", { $0.allocate = nil }),
      ("leaves 'write'", { $0.write = nil }), ("leaves 'read'", { $0.read = nil }),
      ("leaves 'release'", { $0.release = nil }),
    ]
    for (words, change) in changes {
      let found = Memory().withFunctions { functions in
        var functions = functions.pointee
        change(&functions)
        return failure { _ = try judge.check("gpt2/f32/prompt/none", plugin, memory: &functions) }
      }
      #expect(found?.status == Int32(ROPE_JUDGE_ARGUMENT), "\(found as Any)")
      #expect(found?.description.contains(words) == true, "\(found as Any)")
    }
  }
}

/// Memory as a device has it, which counts what is done with it.
final class Memory: Sendable {
  /// What a function does wrong.
  enum Fault: CaseIterable {
    case noMemory, allocate, noData, misaligned, write, read, noStatus

    var words: String {
      switch self {
      case .noMemory: "cannot allocate"
      case .allocate: "'allocate' of the rope_memory failed: the test says so"
      case .noData: "left data null"
      case .misaligned: "must be a multiple of 256"
      case .write: "'write' of the rope_memory failed: the test says so"
      case .read: "'read' of the rope_memory failed: the test says so"
      case .noStatus: "returned 99"
      }
    }
  }

  struct Counts {
    var allocated = 0, released = 0, written = 0, read = 0
  }

  private let state = Mutex(Counts())
  private let fault: Fault?

  init(_ fault: Fault? = nil) { self.fault = fault }

  var counts: Counts { state.withLock { $0 } }

  /// Calls back with the functions of this memory.
  func withFunctions<Value>(_ body: (UnsafePointer<rope_memory>) throws -> Value) rethrows -> Value {
    let functions = rope_memory(
      struct_size: MemoryLayout<rope_memory>.size, state: Unmanaged.passUnretained(self).toOpaque(),
      allocate: { Memory.of($0).allocate($1, $2, $3) },
      write: { state, data, offset, bytes, count, error in
        let memory = Memory.of(state)
        memory.state.withLock { $0.written += 1 }
        guard let data, let bytes, memory.fault != .write else { return Memory.failed(error) }
        (data + offset).copyMemory(from: bytes, byteCount: count)
        return memory.fault == .noStatus ? 99 : Int32(ROPE_OK)
      },
      read: { state, data, offset, bytes, count, error in
        let memory = Memory.of(state)
        memory.state.withLock { $0.read += 1 }
        guard let data, let bytes, memory.fault != .read else { return Memory.failed(error) }
        bytes.copyMemory(from: data + offset, byteCount: count)
        return Int32(ROPE_OK)
      },
      release: { state, data in
        Memory.of(state).state.withLock { $0.released += 1 }
        free(data.map { $0 - Int(bitPattern: $0) % 256 })
      })
    return try withUnsafePointer(to: functions, body)
  }

  private func allocate(
    _ byteCount: Int, _ data: UnsafeMutablePointer<UnsafeMutableRawPointer?>?, _ error: ErrorArgument?
  ) -> Int32 {
    switch fault {
    case .noMemory: return Int32(ROPE_UNSUPPORTED)
    case .allocate: return Self.failed(error)
    case .noData: return Int32(ROPE_OK)
    default: break
    }
    state.withLock { $0.allocated += 1 }
    data?.pointee = aligned_alloc(256, (byteCount + 511) / 256 * 256).map { fault == .misaligned ? $0 + 16 : $0 }
    return Int32(ROPE_OK)
  }

  private static func of(_ state: UnsafeMutableRawPointer?) -> Memory {
    guard let state else { preconditionFailure("the state is passed to every function") }
    return Unmanaged<Memory>.fromOpaque(state).takeUnretainedValue()
  }

  private static func failed(_ error: ErrorArgument?) -> Int32 {
    for (index, byte) in "the test says so\0".utf8.enumerated() { error?.pointee.text[index] = CChar(byte) }
    return Int32(ROPE_FAILED)
  }
}
