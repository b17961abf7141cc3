import CRoPEJudge
import Conformance
import Foundation
import Judging
import Reports
import RoPEJudge
import TestSupport
import Testing

/// An error as a function of `rope_judge.h` gives it.
struct Failure: Error, Equatable, CustomStringConvertible {
  let status: Int32
  let description: String
}

typealias ErrorArgument = UnsafeMutablePointer<rope_error>

/// Calls a function of `rope_judge.h`, and throws its error.
func call(_ function: (ErrorArgument) -> Int32) throws(Failure) {
  var text = [CChar](repeating: 0, count: 1_024)
  let status = text.withUnsafeMutableBufferPointer { text in
    var error = rope_error(
      struct_size: MemoryLayout<rope_error>.size, text: text.baseAddress, capacity: text.count)
    return function(&error)
  }
  guard status != Int32(ROPE_OK) else { return }
  throw Failure(status: status, description: String(decoding: text.prefix { $0 != 0 }.map(UInt8.init), as: UTF8.self))
}

/// The text that a function of `rope_judge.h` returns.
func text(_ function: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>, ErrorArgument) -> Int32) throws -> String {
  var result: UnsafeMutablePointer<CChar>?
  try call { function(&result, $0) }
  let text = try #require(result)
  defer { rope_text_free(text) }
  return String(cString: text)
}

/// The status and text of the error that a closure throws.
func failure(_ body: () throws -> Void) -> Failure? {
  do {
    try body()
    return nil
  } catch {
    return error as? Failure
  }
}

/// A judge, by the functions of `rope_judge.h`.
final class Judge: @unchecked Sendable {
  let pointer: OpaquePointer

  /// Settings in JSON; the goldens and rules are those of this package unless they say otherwise.
  init(_ settings: String? = nil) throws {
    var judge: OpaquePointer?
    try call { rope_judge_open(settings, &judge, $0) }
    pointer = try #require(judge)
  }

  /// Selects cases by patterns, and has further settings.
  convenience init(cases: [String], _ more: String = "") throws {
    let patterns = cases.map { "\"\($0)\"" }.joined(separator: ", ")
    try self.init("{\"cases\": [\(patterns)]\(more.isEmpty ? "" : ", \(more)")}")
  }

  deinit { rope_judge_close(pointer) }

  var names: [String] {
    get throws {
      let list = try text { rope_judge_case_names(pointer, $0, $1) }
      return try JSONDecoder().decode([String].self, from: Data(list.utf8))
    }
  }

  /// The verdict on one case.
  func check(_ name: String, _ plugin: Plugin, memory: UnsafePointer<rope_memory>? = nil) throws -> CaseReport {
    try CaseReport(
      jsonLine: text { rope_judge_check(pointer, name, plugin.backend, memory, $0, $1) }, origin: "test")
  }

  /// The report on the selected cases.
  func run(_ plugin: Plugin, memory: UnsafePointer<rope_memory>? = nil) throws -> Report {
    var report: OpaquePointer?
    try call { rope_judge_run(pointer, plugin.backend, memory, nil, nil, &report, $0) }
    return Report(pointer: try #require(report))
  }

  func open(_ name: String) throws -> OpenedCase {
    var opened: OpaquePointer?
    try call { rope_case_open(pointer, name, &opened, $0) }
    return try OpenedCase(pointer: #require(opened))
  }
}

/// A report, by the functions of `rope_judge.h`.
final class Report {
  let pointer: OpaquePointer

  init(pointer: OpaquePointer) { self.pointer = pointer }

  deinit { rope_report_close(pointer) }

  var conforms: Bool { rope_report_conforms(pointer) == 1 }

  func text(_ format: String) throws -> String {
    try RoPEJudgeTests.text { rope_report_text(pointer, format, $0, $1) }
  }
}

/// A case that the test drives, by the functions of `rope_judge.h`.
final class OpenedCase {
  let pointer: OpaquePointer
  let call: UnsafePointer<rope_call>

  init(pointer: OpaquePointer) throws {
    self.pointer = pointer
    call = try #require(rope_case_call(pointer))
  }

  deinit { rope_case_close(pointer) }

  /// The verdict on the outputs of the call.
  func judge() throws -> CaseReport { try judge(call.pointee.query_out, call.pointee.key_out) }

  func judge(_ query: UnsafePointer<rope_tensor>?, _ key: UnsafePointer<rope_tensor>?) throws -> CaseReport {
    try CaseReport(jsonLine: text { rope_case_judge(pointer, query, key, $0, $1) }, origin: "test")
  }

  func reset() throws { try RoPEJudgeTests.call { rope_case_reset(pointer, $0) } }
}

/// The functions of a plug-in in this process.
struct Plugin: @unchecked Sendable {
  let backend: UnsafePointer<rope_backend>
  /// The file of the library; empty if the test made the backend.
  let path: String

  /// A backend that a test made.
  init(_ backend: UnsafePointer<rope_backend>) {
    self.backend = backend
    path = ""
  }

  /// The example of a plug-in, with statements before and after its rotation of each call; they may return a status.
  ///
  /// `global` is declarations in C before the example.
  init(_ name: String, before: String = "", after: String = "", global: String = "", supports: String = "") throws {
    path = try PluginCompiler.library(
      """
      #define _GNU_SOURCE
      #include <unistd.h>
      \(global)
      #define rope_backend_get plain_get
      #include "plain_rope.c"
      #undef rope_backend_get
      static int64_t elements(const rope_tensor *t) { return t->shape[0] * t->shape[1] * t->shape[2] * t->shape[3]; }
      static int own_supports(void *state, const rope_call *call, rope_error *error) {
        \(supports)
        return supports(state, call, error);
      }
      static int own_apply(void *state, const rope_call *call, rope_error *error) {
        \(before)
        int status = apply(state, call, error);
        \(after)
        return status;
      }
      static const rope_backend own = {
        sizeof own, 1, 1, "\(name)", "a plug-in of a test", NULL, own_supports, own_apply };
      const rope_backend *rope_backend_get(const rope_host *host, rope_error *error) { return &own; }
      """, name: name)
    let library = try #require(dlopen(path, RTLD_NOW | RTLD_LOCAL))
    typealias EntryPoint = @convention(c) (UnsafeRawPointer?, UnsafeRawPointer?) -> UnsafePointer<rope_backend>?
    let get = unsafeBitCast(try #require(dlsym(library, "rope_backend_get")), to: EntryPoint.self)
    backend = try #require(get(nil, nil))
  }

  /// The example as it is.
  static let right = Result { try Plugin("right") }

  /// Carries out a call.
  func apply(_ call: UnsafePointer<rope_call>) throws { try RoPEJudgeTests.call { apply(call, $0) } }

  private func apply(_ call: UnsafePointer<rope_call>, _ error: ErrorArgument) -> Int32 {
    backend.pointee.apply?(backend.pointee.state, call, error) ?? Int32(ROPE_FAILED)
  }
}

extension RunReport {
  /// The report in a text of JSON Lines.
  init(jsonLines: String) throws { try self.init(Data(jsonLines.utf8), path: "test") }
}

extension CaseReport {
  /// The report without the time that it took.
  var withoutTime: CaseReport {
    CaseReport(verdict, diagnosis: diagnosis, convention: convention, otherProfiles: otherProfiles)
  }
}
