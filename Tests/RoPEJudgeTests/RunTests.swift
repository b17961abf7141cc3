import Backends
import CRoPEJudge
import Conformance
import Foundation
import Goldens
import Judging
import Reports
import RoPEJudge
import TestSupport
import Testing

@Suite("The judge drives", .timeLimit(.minutes(30))) struct RunTests {
  /// Cases of every placement, and calls of every kind.
  private static let cases = [
    "glm-4-9b-chat/bf16/{prompt,batch,ragged,fused-qkv,fused-qkv-in-place,bhsd,bhsd-in-place,non-finite}",
    "glm-4-9b-chat/f16/{misaligned,channels-apart,rope-disabled}", "*/f32/query-alone/*", "*/bf16/key-apart*/*",
    "*/f16/no-*/*", "*/f32/fractional-positions/*", "*/*/*-beyond-*/*",
  ]
  /// A strided, an in-place and a copying case among them.
  private static let few = [
    "glm-4-9b-chat/f32/prompt/position", "glm-4-9b-chat/f16/fused-qkv/*", "glm-4-9b-chat/bf16/prompt/table",
    "gpt2/bf16",
    "*/*/*-beyond-*/*",
  ]

  /// Plug-ins that are wrong, each in another way.
  private static let wrong: [(name: String, before: String, after: String, global: String)] = [
    ("turns-back", "", "", "#include <math.h>\nstatic double minus(double x) { return -sin(x); }\n#define sin minus"),
    ("writes-behind", "", "((uint16_t *)call->query_out->data)[elements(call->query_out) + 3] ^= 1;", ""),
    ("writes-before", "", "((uint16_t *)call->query_out->data)[-2] ^= 1;", ""),
    ("changes-an-input", "", "((uint16_t *)call->query_in->data)[1] ^= 1;", ""),
    ("changes-the-call", "", "((rope_plan *)call->plan)->head_dim = 7;", ""),
    ("leaves-out", "return ROPE_OK;", "", ""),
    ("fails", #"snprintf(error->text, error->capacity, "no luck"); return ROPE_FAILED;"#, "", ""),
    ("refuses-late", #"snprintf(error->text, error->capacity, "too late"); return ROPE_UNSUPPORTED;"#, "", ""),
    ("has-no-such-status", "return 77;", "", ""),
    ("races", "", "((uint8_t *)call->query_out->data)[0] ^= ++runs & 1;", "static int runs;"),
    ("rounds", "", "((uint8_t *)call->query_out->data)[0] ^= 1;", ""),
  ]

  /// Compares the report with the one that the suite makes of the plug-in in a process of its own.
  private func expectSame(_ plugin: Plugin, _ cases: [String], diagnoses: Bool = false) throws -> Report {
    let suite = try ConformanceSuite()
    let selection = try CaseSelection(NameFilter(cases), from: suite.library)
    let expected = try suite.run(PluginBackend(path: plugin.path), on: selection, diagnoses: diagnoses)
    let report = try Judge(cases: cases, "\"diagnoses\": \(diagnoses)").run(plugin)
    let found = try RunReport(jsonLines: report.text("json"))
    #expect(found.header == expected.header)
    #expect(found.cases.count == expected.cases.count)
    for (found, expected) in zip(found.cases, expected.cases) {
      #expect(found.withoutTime == expected.withoutTime, "\(found.text) instead of \(expected.text)")
    }
    #expect(report.conforms == expected.conforms)
    return report
  }

  @Test("A right backend has the verdicts that it has as a plug-in")
  func right() throws {
    let report = try expectSame(Plugin.right.get(), Self.cases)
    #expect(report.conforms)
    let outcomes = try RunReport(jsonLines: report.text("json")).cases.map(\.outcome)
    #expect(outcomes.count > 40 && outcomes.allSatisfy { $0 == .conforms }, "\(outcomes.count)")
  }

  @Test("A wrong backend has the verdicts that it has as a plug-in", arguments: wrong)
  func isWrong(name: String, before: String, after: String, global: String) throws {
    let plugin = try Plugin(name, before: before, after: after, global: global)
    let report = try expectSame(plugin, name == "races" ? Array(Self.few.prefix(1)) : Self.few)
    #expect(!report.conforms)
  }

  @Test("So has the diagnosis")
  func diagnosis() throws {
    let plugin = try Plugin("turns-back-for-a-diagnosis", global: Self.wrong[0].global)
    let report = try expectSame(plugin, ["glm-4-9b-chat/f16/prompt/{position,frequency}"], diagnoses: true)
    let cases = try RunReport(jsonLines: report.text("json")).cases
    #expect(cases.count == 2 && cases.allSatisfy { !$0.statements.isEmpty })
  }

  @Test("A backend of version 1.0 is not given the calls of 1.1")
  func oldVersion() throws {
    var old = try Plugin.right.get().backend.pointee
    old.minor_version = 0
    let name = try #require(try Judge(cases: ["*/*/query-alone/*"]).names.first)
    let found = try withUnsafePointer(to: &old) { try Judge().check(name, Plugin($0)) }
    #expect(found.outcome == .unsupported)
  }

  @Test("Each format is that of the suite")
  func formats() throws {
    let plugin = try Plugin("turns-back-in-formats", global: Self.wrong[0].global)
    let report = try Judge(cases: ["glm-4-9b-chat/f32/prompt"]).run(plugin)
    let same = try RunReport(jsonLines: report.text("json"))
    #expect(try report.text("json") == same.jsonLines)
    #expect(try report.text("junit") == same.junit)
    #expect(try report.text("html") == same.html)
    #expect(try report.text("markdown") == same.markdown)
    let lines = try report.text("text").split(separator: "\n")
    #expect(lines.first == "a plug-in of a test" && lines.last == "does not conform (profile strict)", "\(lines)")
  }

  @Test("What the caller knows that was not checked is in every format")
  func notes() throws {
    let report = try Judge(cases: ["gpt2/bf16/single-token"]).run(Plugin.right.get())
    for _ in 0..<2 { try call { rope_report_note(report.pointer, "strides: all tensors are copied", $0) } }
    for format in ["text", "json", "junit", "html"] {
      let parts = try report.text(format).components(separatedBy: "strides: all tensors are copied")
      #expect(parts.count == 2, "\(format)")
    }
  }

  /// What a callback for the progress of a run has seen.
  private final class Seen {
    var names: [String] = []
    let stopsAfter: Int

    init(stopsAfter: Int) { self.stopsAfter = stopsAfter }
  }

  @Test("Progress has each case in order, and can end the run", arguments: [Int.max, 3])
  func progress(stopsAfter: Int) throws {
    let judge = try Judge(cases: ["glm-4-9b-chat/bf16"]), seen = Seen(stopsAfter: stopsAfter)
    var report: OpaquePointer?
    let stopped = failure {
      try call {
        rope_judge_run(
          judge.pointer, try? Plugin.right.get().backend, nil,
          { state, line in
            guard let state, let line else { return 1 }
            let seen = Unmanaged<Seen>.fromOpaque(state).takeUnretainedValue()
            seen.names.append((try? CaseReport(jsonLine: String(cString: line), origin: "test").name) ?? "unreadable")
            return seen.names.count == seen.stopsAfter ? 42 : 0
          }, Unmanaged.passUnretained(seen).toOpaque(), &report, $0)
      }
    }
    defer { rope_report_close(report) }
    let names = try judge.names
    #expect(seen.names == (stopsAfter == 3 ? Array(names.prefix(3)) : names))
    #expect(stopped?.status == (stopsAfter == 3 ? 42 : nil))
    #expect((report == nil) == (stopsAfter == 3))
    if let stopped { #expect(stopped.description.contains("progress returned 42 after case '\(names[2])'")) }
  }

  @Test("A check has the verdict of a run, and its text is the explanation")
  func check() throws {
    let name = "glm-4-9b-chat/f16/prompt/position"
    let plugin = try Plugin("turns-back-in-a-check", global: Self.wrong[0].global)
    let judge = try Judge(cases: [name]), found = try judge.check(name, plugin)
    let run = try RunReport(jsonLines: judge.run(plugin).text("json"))
    #expect(found.withoutTime == run.cases.first?.withoutTime)
    #expect(found.outcome == .fails && !found.statements.isEmpty)
    let shown = try text { rope_verdict_text(try? found.jsonLine, $0, $1) }
    #expect(shown == found.explanation(.plain))
    let without = try Judge("{\"diagnoses\": false}").check(name, plugin)
    #expect(without.verdict == found.verdict && without.statements.isEmpty)
  }

  @Test("A backend may say only when it is called that it does not support a case, if a setting allows it")
  func lateRefusal() throws {
    let word = #"snprintf(error->text, error->capacity, "no %d heads", 3); return ROPE_UNSUPPORTED;"#
    let late = try Plugin("refuses-at-once", before: word)
    let later = try Plugin(
      "refuses-in-the-second-run", before: "if (++runs > 1) { \(word) }", global: "static int runs;")
    let writing = try Plugin("refuses-after-writing", after: word)
    let judge = try Judge("{\"apply_may_refuse\": true}"), name = "glm-4-9b-chat/f16/prompt/position"
    let found = try judge.check(name, late)
    #expect(found.verdict.unsupportedReason == "no 3 heads")
    for plugin in [later, writing] { #expect(try judge.check(name, plugin).outcome == .fails) }
    #expect(try Judge().check(name, late).outcome == .fails)
    let invalid = try #require(try Judge(cases: ["*/*/*-beyond-*/*"]).names.first)
    #expect(try judge.check(invalid, late).outcome == .unsupported)
  }
}
