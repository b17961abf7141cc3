import Backends
import Conformance
import Goldens
import Judging
import RoPE
import TestSupport
import Testing
import Workers

@Suite("Calls that must be refused", .timeLimit(.minutes(30))) struct RefusalTests {
  private static func recipes() throws -> [Recipe] {
    try CallCases.recipes().filter { $0.goldenCase.workload.invalidValue != nil }
  }

  private func reports(
    _ plugin: String, name: String, isolated: Bool = true, seconds: Double = 60
  ) throws -> [CaseReport] {
    let backend = try PluginBackend(
      path: PluginCompiler.library(plugin, name: name), limits: isolated ? WorkerLimits(seconds: seconds) : nil)
    let runner = try CaseRunner.undiagnosed(backend, "float32-exact-angle because the example computes so")
    // One case of each kind.
    var seen: Set<String> = []
    return try Self.recipes().filter { seen.insert($0.goldenCase.workload.name).inserted }
      .map { try runner.report(on: Golden(computing: $0)) }
  }

  /// The example, which answers to invalid calls, and perhaps to all, in its own way.
  private func source(invalid: String = "", valid: String = "", supports: String = "return ROPE_OK;") -> String {
    """
    #define rope_backend_get plain_get
    #include "plain_rope.c"
    #undef rope_backend_get
    static int lenient(void *state, const rope_call *call, rope_error *error) { \(supports) }
    static int own_apply(void *state, const rope_call *call, rope_error *error) {
      char *out = call->query_out->data;
      if (supports(state, call, error) != ROPE_OK) { \(invalid) }
      else { \(valid) }
      return apply(state, call, error);
    }
    static const rope_backend own = { sizeof own, 1, 1, "own", "own", NULL, lenient, own_apply };
    const rope_backend *rope_backend_get(const rope_host *host, rope_error *error) { return &own; }
    """
  }

  @Test("An error that comes before anything is written is a refusal, isolated and not", arguments: [true, false])
  func byError(isolated: Bool) throws {
    for report in try reports(source(invalid: "return ROPE_FAILED;"), name: "by-error-\(isolated)", isolated: isolated)
    {
      #expect(report.outcome == .conforms, "\(report)")
    }
  }

  @Test("Rotating all the same is a violation that says which value is invalid")
  func carriedOut() throws {
    let reports = try reports(source(invalid: "out[0] ^= 1; return ROPE_OK;"), name: "carried-out")
    let values = [
      "rotary dimension 144 in heads of 128 channels", "table row 3 of a table of 3 rows",
      "table row 6 of a table of 6 rows",
    ]
    #expect(
      reports.map(\.verdict.violations)
        == values.map { [.notRefused(message: "carried out a call that must be refused: \($0)")] })
    #expect(reports.allSatisfy { $0.outcome == .fails })
  }

  @Test("An error after something was written is no refusal")
  func wroteFirst() throws {
    for report in try reports(source(invalid: "out[7] ^= 1; return ROPE_FAILED;"), name: "wrote-first") {
      guard case .notRefused(let message) = report.verdict.violations.first else {
        Issue.record("\(report)")
        continue
      }
      // The tensor begins behind 256 guard bytes.
      #expect(message.hasPrefix("wrote byte 263 of buffer 'query output' in a call that must be refused ("))
      #expect(message.contains("before it failed: rotating: the backend failed: "))
    }
  }

  @Test(
    "A crash, a hang and an exit are no refusals",
    arguments: [("abort();", "SIGABRT"), ("exit(0);", "status 0"), ("for (;;);", "did not return within 5 s")])
  func brokeDown(statement: String, reason: String) throws {
    for report in try reports(
      source(invalid: statement), name: "broke-down-\(reason.prefix(3))", seconds: 5)
    {
      guard case .backendFailed(let message) = report.verdict.violations.first else {
        Issue.record("\(report)")
        continue
      }
      #expect(message.hasPrefix("on a call that must be refused (") && message.contains(reason))
    }
  }

  @Test(
    "A status that the interface does not know is no refusal, isolated and not",
    arguments: [("7", true), ("7", false), ("-1", true)])
  func unknownStatus(status: String, isolated: Bool) throws {
    let asked = "int found = supports(state, call, error); return found == ROPE_OK ? ROPE_OK : \(status);"
    for (place, source) in [
      ("apply", source(invalid: "return \(status);")), ("supports", source(invalid: "abort();", supports: asked)),
    ] {
      for report in try reports(source, name: "status\(status)-\(place)-\(isolated)", isolated: isolated) {
        guard case .backendFailed(let message) = report.verdict.violations.first else {
          Issue.record("\(place): \(report)")
          continue
        }
        #expect(message.hasPrefix("on a call that must be refused ("))
        #expect(message.hasSuffix("returned \(status), which is not a status of rope_backend.h"))
      }
    }
  }

  @Test("ROPE_UNSUPPORTED from apply is a refusal as ROPE_FAILED is", arguments: [true, false])
  func unsupportedByApply(isolated: Bool) throws {
    let plugin = source(invalid: "return ROPE_UNSUPPORTED;")
    for report in try reports(plugin, name: "unsupported-\(isolated)", isolated: isolated) {
      #expect(report.outcome == .conforms, "\(report)")
    }
  }

  @Test("An error after the call itself was changed is no refusal", arguments: [true, false])
  func wroteToCall(isolated: Bool) throws {
    let plugin = source(invalid: "((int32_t *)call->plan->axis)[0] ^= 1; return ROPE_FAILED;")
    for report in try reports(plugin, name: "wrote-to-call-\(isolated)", isolated: isolated) {
      guard case .backendFailed(let message) = report.verdict.violations.first else {
        Issue.record("\(report)")
        continue
      }
      #expect(message.hasPrefix("on a call that must be refused ("))
      #expect(message.hasSuffix("it changed byte 0 of the list call->plan->axis"))
    }
  }

  @Test("Where the twin is wrong or refused too, the case is unsupported: who refuses all proves nothing")
  func twin() throws {
    let wrong = source(
      invalid: "return ROPE_FAILED;", valid: "apply(state, call, error); out[1] ^= 64; return ROPE_OK;")
    for report in try reports(wrong, name: "wrong-twin") {
      #expect(report.verdict.unsupportedReason?.contains("is not carried out right") ?? false, "\(report)")
    }
    let failing = source(invalid: "return ROPE_FAILED;", valid: "return ROPE_FAILED;")
    for report in try reports(failing, name: "failing-twin") { #expect(report.outcome == .unsupported, "\(report)") }
    let refusing = source(supports: "return ROPE_UNSUPPORTED;")
    for report in try reports(refusing, name: "refused-twin") { #expect(report.outcome == .unsupported, "\(report)") }
  }

  /// The reference, which does not say that it checks calls.
  private struct Unchecked: RoPEBackend {
    let name = "unchecked", summary = "unchecked"
    func support(for call: RotationCall) throws -> Support { ReferenceBackend().support(for: call) }
    func rotate(_ call: RotationCall, in memory: CallMemory) throws -> Evidence? {
      try ReferenceBackend().rotate(call, in: memory)
    }
  }

  @Test("A backend in this process that does not say that it checks calls is not given invalid ones")
  func unchecked() throws {
    let runner = try CaseRunner.undiagnosed(Unchecked(), "correctly-rounded because it is")
    for recipe in try Self.recipes() {
      let report = try runner.report(on: Golden(computing: recipe))
      #expect(report.verdict.unsupportedReason == "the backend does not say that it refuses invalid calls")
    }
  }
}
