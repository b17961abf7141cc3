import CRoPEJudge
import Conformance
import Foundation
import Goldens
import Judging
import Reports
import TestSupport
import Testing

@testable import Backends
@testable import RoPEJudge

@Suite("Errors of the judge", .timeLimit(.minutes(30))) struct ErrorTests {
  private static let judge = Result { try Judge() }
  private static let name = "glm-4-9b-chat/f32/prompt/position"

  private func expect(_ status: Int, _ words: String..., from body: () throws -> Void) {
    let found = failure(body)
    #expect(found?.status == Int32(status), "\(found as Any)")
    for word in words { #expect(found?.description.contains(word) == true, "\(found as Any)") }
    #expect(found?.description.contains { $0.isNewline } == false)
  }

  @Test(
    "A setting that cannot be used",
    arguments: [
      ("[]", "must be an object"), ("{", "not JSON at line 1"), ("{\"runs\": 1, \"runs\": 2}", "given twice"),
      ("{\"case\": []}", "unknown key 'case': the known ones are apply_may_refuse, cases, diagnoses, exclude,"),
      ("{\"case\": []}", "did you mean 'cases'?"),
      ("{\"cases\": \"glm\"}", "'cases' is \"glm\": must be a list of texts"),
      ("{\"cases\": [1]}", "'cases' is [1]: must be a list of texts"),
      ("{\"cases\": [\"glm-5-9b\"]}", "cases 'glm-5-9b' matches none of the"),
      ("{\"exclude\": [\"**\"]}", "leaves none"),
      ("{\"goldens\": null}", "'goldens' is null: must be a text"),
      ("{\"diagnoses\": 1}", "'diagnoses' is 1: must be true or false"),
      ("{\"runs\": 1.5}", "'runs' is 1.5: must be a whole number"),
      ("{\"runs\": 0}", "must be a whole number from 1 to"),
      ("{\"tier\": \"huge\"}", "must be \"default\" or \"full\""),
      ("{\"profile\": \"strct\"}", "unknown profile 'strct'; nearest: strict"),
      ("{\"tolerances\": [\"** = ulp=1\"]}", "tolerances: rule '** = ulp=1': it has no reason"),
      ("{\"tolerances_file\": \"/nowhere.yaml\"}", "tolerances file '/nowhere.yaml'"),
    ])
  func settings(_ json: String, _ words: String) {
    expect(ROPE_JUDGE_SETTING, words) { _ = try Judge(json) }
  }

  @Test("A case that cannot be opened or checked")
  func cases() throws {
    let judge = try Self.judge.get(), plugin = try Plugin.right.get()
    let unknown = "glm-4-9b-chat/f32/promt/position", nearest = "nearest: \(Self.name)"
    expect(ROPE_JUDGE_CASE, "no case '\(unknown)'", nearest) { _ = try judge.open(unknown) }
    expect(ROPE_JUDGE_CASE, "no case '\(unknown)'", nearest) { _ = try judge.check(unknown, plugin) }
    expect(ROPE_JUDGE_CASE, "no case ''") { _ = try text { rope_judge_describe(judge.pointer, "", $0, $1) } }
    let invalid = try #require(try Judge(cases: ["*/*/*-beyond-*/*"]).names.first)
    expect(ROPE_JUDGE_CASE, "case '\(invalid)' must be refused (", "let the judge drive it") {
      _ = try judge.open(invalid)
    }
  }

  @Test("A golden that cannot be used")
  func goldens() throws {
    expect(ROPE_JUDGE_GOLDEN, "manifest '/nowhere/MANIFEST.json'") { _ = try Judge("{\"goldens\": \"/nowhere\"}") }
    let folder = try TemporaryFolder(), all = packageRoot.appending(path: "Fixtures").path
    for name in try FileManager.default.contentsOfDirectory(atPath: all) where name != "glm-4-9b-chat.h5" {
      try FileManager.default.createSymbolicLink(atPath: folder.path(name), withDestinationPath: "\(all)/\(name)")
    }
    let judge = try Judge("{\"goldens\": \"\(folder.path)\"}")
    expect(ROPE_JUDGE_GOLDEN, "glm-4-9b-chat.h5") { _ = try judge.open(Self.name) }
    try folder.write([1, 2, 3], to: "glm-4-9b-chat.h5")
    expect(ROPE_JUDGE_GOLDEN, "glm-4-9b-chat.h5': it has 3 bytes, but the manifest says", "restore the file") {
      _ = try judge.open(Self.name)
    }
  }

  @Test("What the system refuses")
  func system() {
    #expect(JudgeError(CocoaError(.fileWriteOutOfSpace)).status == Int32(ROPE_JUDGE_SYSTEM))
    #expect(JudgeError(OpenCaseError.noMemory("a", reason: "b")).status == Int32(ROPE_JUDGE_SYSTEM))
  }

  @Test("Every pointer that must not be null says so")
  func null() throws {
    let judge = try Self.judge.get().pointer, plugin = try Plugin.right.get().backend
    var object: OpaquePointer?, result: UnsafeMutablePointer<CChar>?, numbers = [0.0], others = [0.0]
    let opened = try Self.judge.get().open(Self.name), call = opened.call.pointee
    let report = try Judge(cases: ["gpt2/f32/prompt"]).run(Plugin.right.get())
    let calls: [(String, (ErrorArgument) -> Int32)] = [
      ("judge", { rope_judge_open(nil, nil, $0) }), ("judge", { rope_judge_case_names(nil, &result, $0) }),
      ("names", { rope_judge_case_names(judge, nil, $0) }),
      ("judge", { rope_judge_describe(nil, Self.name, &result, $0) }),
      ("case_name", { rope_judge_describe(judge, nil, &result, $0) }),
      ("description", { rope_judge_describe(judge, Self.name, nil, $0) }),
      ("judge", { rope_judge_run(nil, plugin, nil, nil, nil, &object, $0) }),
      ("backend", { rope_judge_run(judge, nil, nil, nil, nil, &object, $0) }),
      ("report", { rope_judge_run(judge, plugin, nil, nil, nil, nil, $0) }),
      ("judge", { rope_judge_check(nil, Self.name, plugin, nil, &result, $0) }),
      ("case_name", { rope_judge_check(judge, nil, plugin, nil, &result, $0) }),
      ("backend", { rope_judge_check(judge, Self.name, nil, nil, &result, $0) }),
      ("verdict", { rope_judge_check(judge, Self.name, plugin, nil, nil, $0) }),
      ("verdict", { rope_verdict_text(nil, &result, $0) }), ("text", { rope_verdict_text("{}", nil, $0) }),
      ("report", { rope_report_text(nil, "text", &result, $0) }),
      ("format", { rope_report_text(report.pointer, nil, &result, $0) }),
      ("text", { rope_report_text(report.pointer, "text", nil, $0) }),
      ("report", { rope_report_note(nil, "a", $0) }), ("not_checked", { rope_report_note(report.pointer, nil, $0) }),
      ("judge", { rope_case_open(nil, Self.name, &object, $0) }),
      ("case_name", { rope_case_open(judge, nil, &object, $0) }),
      ("opened", { rope_case_open(judge, Self.name, nil, $0) }), ("opened", { rope_case_reset(nil, $0) }),
      ("opened", { rope_case_judge(nil, call.query_out, call.key_out, &result, $0) }),
      ("query: it", { rope_case_judge(opened.pointer, nil, call.key_out, &result, $0) }),
      ("key: it", { rope_case_judge(opened.pointer, call.query_out, nil, &result, $0) }),
      ("verdict", { rope_case_judge(opened.pointer, call.query_out, call.key_out, nil, $0) }),
      ("opened", { rope_case_limits(nil, 0, &numbers, &others, 1, $0) }),
      ("expected", { rope_case_limits(opened.pointer, 0, nil, &numbers, 1, $0) }),
      ("limits", { rope_case_limits(opened.pointer, 0, &numbers, nil, 1, $0) }),
    ]
    for (name, function) in calls {
      expect(ROPE_JUDGE_ARGUMENT, "\(name) is null: give") { try RoPEJudgeTests.call(function) }
      // Without an error, only the status tells.
      #expect(result == nil && object == nil)
    }
    #expect(rope_judge_open(nil, nil, nil) == Int32(ROPE_JUDGE_ARGUMENT))
    #expect(rope_report_conforms(nil) == 0 && rope_case_call(nil) == nil)
    rope_judge_close(nil)
    rope_case_close(nil)
    rope_report_close(nil)
    rope_text_free(nil)
    rope_judge_version(nil, nil)
  }

  @Test("A tensor that is not what the case demands")
  func tensors() throws {
    let opened = try Self.judge.get().open(Self.name), call = opened.call.pointee
    let changes: [(words: String, change: (inout rope_tensor) -> Void)] = [
      ("struct_size is 8: must be at least 96", { $0.struct_size = 8 }),
      ("element_type is 3: must be 1, float32", { $0.element_type = 3 }),
      ("its shape is [", { $0.shape.1 += 1 }), ("its shape is [", { $0.shape.3 = -1 }),
      ("its data is null", { $0.data = nil }), ("is larger than any memory", { $0.strides.2 = .max }),
      ("is larger than any memory", { $0.strides.1 = .min }),
    ]
    for (words, change) in changes {
      var query = try #require(call.query_out).pointee
      change(&query)
      expect(ROPE_JUDGE_ARGUMENT, "query: ", words) { _ = try opened.judge(&query, call.key_out) }
    }
    let alone = try Self.judge.get().open(try #require(Judge(cases: ["*/*/query-alone/*"]).names.first))
    expect(ROPE_JUDGE_ARGUMENT, "key: the case has no such tensor: give null") {
      _ = try alone.judge(alone.call.pointee.query_out, call.key_out)
    }
    #expect(alone.call.pointee.key_out == nil)
    var numbers = [Double](repeating: 0, count: 10), others = numbers
    for (tensor, words) in [(1, "tensor is 1: must be 0 for Q; the case has no K"), (-1, "tensor is -1")] {
      expect(ROPE_JUDGE_ARGUMENT, words) {
        try RoPEJudgeTests.call { rope_case_limits(alone.pointer, Int32(tensor), &numbers, &others, 10, $0) }
      }
    }
    expect(ROPE_JUDGE_ARGUMENT, "count is 10: must be at least") {
      try RoPEJudgeTests.call { rope_case_limits(opened.pointer, 0, &numbers, &others, 10, $0) }
    }
  }

  @Test("A backend, a format, a verdict or a text that cannot be used")
  func arguments() throws {
    let judge = try Self.judge.get(), plugin = try Plugin.right.get()
    let changes: [(words: String, change: (inout rope_backend) -> Void)] = [
      ("the backend gives its rope_backend a struct_size of 16: must be at least 56", { $0.struct_size = 16 }),
      ("the backend has version 2.0 of the interface", { ($0.major_version, $0.minor_version) = (2, 0) }),
      ("the backend takes the calls of version 1.9", { $0.minor_version = 9 }),
      ("the backend leaves 'apply' of its rope_backend null: set it", { $0.apply = nil }),
      ("the backend leaves 'supports'", { $0.supports = nil }),
    ]
    for (words, change) in changes {
      var backend = plugin.backend.pointee
      change(&backend)
      expect(ROPE_JUDGE_ARGUMENT, words) {
        _ = try withUnsafePointer(to: backend) { try judge.check(Self.name, Plugin($0)) }
      }
    }
    let report = try Judge(cases: ["gpt2/f32/prompt"]).run(plugin)
    expect(ROPE_JUDGE_ARGUMENT, "format is 'xml': must be text, json") { _ = try report.text("xml") }
    for line in ["", "{}", "{\"record\": \"header\"}", "nonsense"] {
      expect(ROPE_JUDGE_ARGUMENT, "'verdict', line 1: ") { _ = try text { rope_verdict_text(line, $0, $1) } }
    }
    let noText: [CChar] = [-1, 0]
    expect(ROPE_JUDGE_ARGUMENT, "case_name is not a text in UTF-8") {
      _ = try text { rope_judge_check(judge.pointer, noText, plugin.backend, nil, $0, $1) }
    }
    expect(ROPE_JUDGE_ARGUMENT, "settings is not a text in UTF-8") {
      var pointer: OpaquePointer?
      try RoPEJudgeTests.call { rope_judge_open(noText, &pointer, $0) }
    }
  }

  @Test("The text of an error is cut between characters, and nothing is written beyond its buffer", arguments: 0...80)
  func capacity(_ capacity: Int) {
    var text = [CChar](repeating: 7, count: 200)
    let status = text.withUnsafeMutableBufferPointer { text in
      var error = rope_error(struct_size: MemoryLayout<rope_error>.size, text: text.baseAddress, capacity: capacity)
      var judge: OpaquePointer?
      return rope_judge_open("{\"tier\": \"größer\"}", &judge, &error)
    }
    #expect(status == Int32(ROPE_JUDGE_SETTING))
    #expect(text[capacity...].allSatisfy { $0 == 7 })
    let line = "settings: 'tier' is \"größer\": must be \"default\" or \"full\""
    if capacity > 0 {
      let found = String(validatingCString: Array(text[..<capacity]) + [0])
      #expect(found.map { line.hasPrefix($0) && $0.utf8.count >= min(line.utf8.count, capacity - 2) } == true)
    }
  }
}
