import Backends
import CRoPEBackend
import CRoPEJudge
import Conformance
import Foundation
import Reports

// The functions of rope_judge.h that make a judge, and let it drive. The header says what each does.

@_cdecl("rope_judge_version")
package func judgeVersion(_ major: UnsafeMutablePointer<UInt32>?, _ minor: UnsafeMutablePointer<UInt32>?) {
  major?.pointee = UInt32(ROPE_JUDGE_MAJOR_VERSION)
  minor?.pointee = UInt32(ROPE_JUDGE_MINOR_VERSION)
}

@_cdecl("rope_text_free")
package func freeText(_ text: UnsafeMutablePointer<CChar>?) { free(text) }

@_cdecl("rope_judge_open")
package func openJudge(
  _ settings: UnsafePointer<CChar>?, _ judge: UnsafeMutablePointer<OpaquePointer?>?,
  _ error: UnsafeMutablePointer<rope_error>?
) -> Int32 {
  status(error) {
    let result = try given(judge, "judge")
    let opened = try OpenedJudge(JudgeSettings(settings.map { try text($0, "settings") }))
    result.pointee = Handle.open(opened)
  }
}

@_cdecl("rope_judge_close")
package func closeJudge(_ judge: OpaquePointer?) { Handle<OpenedJudge>.close(judge) }

@_cdecl("rope_judge_case_names")
package func caseNames(
  _ judge: OpaquePointer?, _ names: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?,
  _ error: UnsafeMutablePointer<rope_error>?
) -> Int32 {
  status(error) {
    let judge = try Handle<OpenedJudge>.object(judge, "judge"), result = try given(names, "names")
    let encoder = JSONEncoder()
    encoder.outputFormatting = .withoutEscapingSlashes
    try set(result, to: String(decoding: encoder.encode(judge.caseNames), as: UTF8.self))
  }
}

@_cdecl("rope_judge_describe")
package func describeCase(
  _ judge: OpaquePointer?, _ name: UnsafePointer<CChar>?,
  _ description: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?, _ error: UnsafeMutablePointer<rope_error>?
) -> Int32 {
  status(error) {
    let judge = try Handle<OpenedJudge>.object(judge, "judge"), result = try given(description, "description")
    try set(result, to: judge.description(of: text(name, "case_name")).json)
  }
}

@_cdecl("rope_judge_run")
package func runJudge(
  _ judge: OpaquePointer?, _ backend: UnsafePointer<rope_backend>?, _ memory: UnsafePointer<rope_memory>?,
  _ progress: (@convention(c) (UnsafeMutableRawPointer?, UnsafePointer<CChar>?) -> Int32)?,
  _ progressState: UnsafeMutableRawPointer?, _ report: UnsafeMutablePointer<OpaquePointer?>?,
  _ error: UnsafeMutablePointer<rope_error>?
) -> Int32 {
  status(error) {
    let judge = try Handle<OpenedJudge>.object(judge, "judge"), result = try given(report, "report")
    let backend = try judge.backend(given(backend, "backend"), memory)
    let run = try judge.run(backend) { report in
      guard let progress else { return }
      let status = progress(progressState, try report.jsonLine)
      guard status == Int32(ROPE_OK) else {
        throw JudgeError(Int(status), "progress returned \(status) after case '\(report.name)', which ended the run")
      }
    }
    result.pointee = Handle.open(FinishedRun(run))
  }
}

@_cdecl("rope_judge_check")
package func checkCase(
  _ judge: OpaquePointer?, _ name: UnsafePointer<CChar>?, _ backend: UnsafePointer<rope_backend>?,
  _ memory: UnsafePointer<rope_memory>?, _ verdict: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?,
  _ error: UnsafeMutablePointer<rope_error>?
) -> Int32 {
  status(error) {
    let judge = try Handle<OpenedJudge>.object(judge, "judge"), result = try given(verdict, "verdict")
    let name = try text(name, "case_name")
    let backend = try judge.backend(given(backend, "backend"), memory)
    try set(result, to: judge.check(name, backend).jsonLine)
  }
}

// MARK: - Reports

/// The verdicts of a run: what a `rope_report` stands for.
private final class FinishedRun {
  private(set) var report: RunReport

  init(_ report: RunReport) { self.report = report }

  func note(notChecked sentence: String) { report.note(notChecked: sentence) }

  /// The report in a format of the interface.
  func text(_ format: String) throws -> String {
    switch format {
    case "text": report.text
    case "json": try report.jsonLines
    case "junit": report.junit
    case "html": report.html
    case "markdown": report.markdown
    default:
      throw JudgeError.argument("format is '\(format)': must be text, json, junit, html or markdown")
    }
  }
}

@_cdecl("rope_report_conforms")
package func reportConforms(_ report: OpaquePointer?) -> Int32 {
  guard let run = try? Handle<FinishedRun>.object(report, "report") else { return 0 }
  return run.report.conforms ? 1 : 0
}

@_cdecl("rope_report_note")
package func noteInReport(
  _ report: OpaquePointer?, _ sentence: UnsafePointer<CChar>?, _ error: UnsafeMutablePointer<rope_error>?
) -> Int32 {
  status(error) {
    try Handle<FinishedRun>.object(report, "report").note(notChecked: text(sentence, "not_checked"))
  }
}

@_cdecl("rope_report_text")
package func reportText(
  _ report: OpaquePointer?, _ format: UnsafePointer<CChar>?,
  _ result: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?, _ error: UnsafeMutablePointer<rope_error>?
) -> Int32 {
  status(error) {
    let report = try Handle<FinishedRun>.object(report, "report"), result = try given(result, "text")
    try set(result, to: report.text(text(format, "format")))
  }
}

@_cdecl("rope_report_close")
package func closeReport(_ report: OpaquePointer?) { Handle<FinishedRun>.close(report) }

@_cdecl("rope_verdict_text")
package func verdictText(
  _ verdict: UnsafePointer<CChar>?, _ result: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?,
  _ error: UnsafeMutablePointer<rope_error>?
) -> Int32 {
  status(error) {
    let verdict = try text(verdict, "verdict"), result = try given(result, "text")
    try set(result, to: CaseReport(jsonLine: verdict, origin: "verdict").explanation(.plain))
  }
}
