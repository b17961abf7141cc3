import CRoPEJudge
import Conformance
import Dispatch
import Goldens
import Judging
import Reports
import Synchronization
import TestSupport
import Testing

@testable import RoPEJudge

@Suite("Threads", .timeLimit(.minutes(30))) struct ThreadTests {
  private static let names = [
    "glm-4-9b-chat/f32/prompt/position", "glm-4-9b-chat/bf16/fused-qkv-in-place/frequency",
    "glm-4-9b-chat/f16/channels-apart/table-f32", "gpt2/bf16/prompt/none",
  ]

  @Test("One judge serves many threads, and calls a backend once at a time")
  func many() throws {
    let judge = try Judge(cases: ["glm-4-9b-chat/f32/prompt"], "\"diagnoses\": false")
    // Two calls at once would find each other.
    let plugin = try Plugin(
      "one-at-a-time",
      before: """
        if (__sync_fetch_and_add(&inside, 1)) { snprintf(error->text, error->capacity, "two at once"); return ROPE_FAILED; }
        usleep(2000);
        """, after: "__sync_fetch_and_sub(&inside, 1);", global: "static int inside;")
    let errors = Mutex<[String]>([])
    DispatchQueue.concurrentPerform(iterations: 16) { thread in
      do {
        let name = Self.names[thread % Self.names.count]
        switch thread % 3 {
        case 0:
          let found = try judge.check(name, plugin)
          if found.outcome != .conforms { errors.withLock { $0.append(found.text) } }
        case 1:
          let report = try judge.run(plugin)
          if !report.conforms { errors.withLock { $0.append("thread \(thread): the run does not conform") } }
        default:
          let opened = try judge.open(name)
          try Plugin.right.get().apply(opened.call)
          let found = try opened.judge()
          if found.outcome != .conforms { errors.withLock { $0.append(found.text) } }
        }
      } catch {
        errors.withLock { $0.append("\(error)") }
      }
    }
    #expect(errors.withLock { $0 } == [])
  }

  @Test("A case and a report outlive their judge")
  func outlive() throws {
    var judge: Judge? = try Judge(cases: ["gpt2/f32/prompt"])
    let opened = try #require(try judge?.open(Self.names[0])), report = try #require(try judge?.run(Plugin.right.get()))
    judge = nil
    try Plugin.right.get().apply(opened.call)
    #expect(try opened.judge().outcome == .conforms)
    #expect(try report.text("text").contains("conforms"))
  }

  @Test("A golden is the same whether it is kept, read again or computed", arguments: [0, 5_000, 1 << 22])
  func recent(largestElementCount: Int) throws {
    let library = try ConformanceSuite().library
    let recent = RecentGoldens(library, largestElementCount: largestElementCount)
    let names = Self.names + (try Judge(cases: ["*/f32/query-alone/*"]).names)
    for name in names + names.reversed() {
      let golden = try recent.golden(named: name), other = try library.golden(named: name)
      #expect(golden.goldenCase == other.goldenCase && golden.angles == other.angles)
      for tensor in golden.tensors {
        let rows = golden.truth.rows(tensor.name, 0..<1), others = other.truth.rows(tensor.name, 0..<1)
        #expect(rows.input == others.input && rows.expected.elementsEqual(others.expected, by: ==))
      }
    }
  }
}
