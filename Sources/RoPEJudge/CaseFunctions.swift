import Backends
import CRoPEBackend
import CRoPEJudge
import Goldens
import Judging
import Reports
import RoPE

// The functions of rope_judge.h with which the caller drives. The header says what each does.

@_cdecl("rope_case_open")
package func openCase(
  _ judge: OpaquePointer?, _ name: UnsafePointer<CChar>?, _ opened: UnsafeMutablePointer<OpaquePointer?>?,
  _ error: UnsafeMutablePointer<rope_error>?
) -> Int32 {
  status(error) {
    let judge = try Handle<OpenedJudge>.object(judge, "judge"), result = try given(opened, "opened")
    result.pointee = Handle.open(try judge.open(text(name, "case_name")))
  }
}

@_cdecl("rope_case_close")
package func closeCase(_ closed: OpaquePointer?) { Handle<JudgedCase>.close(closed) }

@_cdecl("rope_case_call")
package func caseCall(_ opened: OpaquePointer?) -> UnsafePointer<rope_call>? {
  try? Handle<JudgedCase>.object(opened, "opened").opened.call
}

@_cdecl("rope_case_reset")
package func resetCase(_ opened: OpaquePointer?, _ error: UnsafeMutablePointer<rope_error>?) -> Int32 {
  status(error) { try Handle<JudgedCase>.object(opened, "opened").opened.reset() }
}

@_cdecl("rope_case_judge")
package func judgeCase(
  _ opened: OpaquePointer?, _ query: UnsafePointer<rope_tensor>?, _ key: UnsafePointer<rope_tensor>?,
  _ verdict: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?, _ error: UnsafeMutablePointer<rope_error>?
) -> Int32 {
  status(error) {
    let judged = try Handle<JudgedCase>.object(opened, "opened"), result = try given(verdict, "verdict")
    let outputs = try judged.opened.outputs(PerTensor(query: query, key: key))
    try set(result, to: judged.report(outputs).jsonLine)
  }
}

@_cdecl("rope_case_limits")
package func caseLimits(
  _ opened: OpaquePointer?, _ tensor: Int32, _ expected: UnsafeMutablePointer<Double>?,
  _ limits: UnsafeMutablePointer<Double>?, _ count: Int, _ error: UnsafeMutablePointer<rope_error>?
) -> Int32 {
  status(error) {
    let judged = try Handle<JudgedCase>.object(opened, "opened"), golden = judged.opened.golden
    let expected = try given(expected, "expected"), limits = try given(limits, "limits")
    let tensors = golden.tensors
    guard tensors.indices.contains(Int(tensor)) else {
      throw JudgeError.argument(
        "tensor is \(tensor): must be 0 for Q\(tensors.count > 1 ? ", or 1 for K" : "; the case has no K")")
    }
    let extent = tensors[Int(tensor)], needed = extent.tokenCount * extent.heads * golden.plan.headDimension
    guard count >= needed else {
      throw JudgeError.argument("count is \(count): must be at least \(needed), the elements of the tensor")
    }
    ElementLimits(golden, judged.rule).write(
      extent, expected: UnsafeMutableBufferPointer(start: expected, count: needed),
      limits: UnsafeMutableBufferPointer(start: limits, count: needed))
  }
}
