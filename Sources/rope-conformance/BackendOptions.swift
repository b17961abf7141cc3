import ArgumentParser
import Backends
import Conformance
import Goldens
import HIP

/// Which backend.
struct BackendOptions: ParsableArguments {
  @Option(help: "What is judged (default: ROPE_BACKEND, or hip): \(BackendChoice.forms).")
  var backend: String?

  /// The judge of the backend that was asked for, for some cases.
  func judge(
    _ settings: Settings, _ limits: LimitOptions, fixtures: Fixtures, cases: [Manifest.Entry]
  ) throws -> any CaseJudge & Sendable {
    try BackendChoice(settings.backend).judge(
      device: Device(named: settings.device ?? "auto"), runCount: settings.runCount, limits: limits.limits,
      isolates: !limits.inProcess, fixtures: fixtures, cases: cases)
  }
}

/// What a process that is not trusted may use.
struct LimitOptions: ParsableArguments {
  @Option(help: "Seconds that a plug-in may take for a call, a program for a case, and either to load.")
  var timeout = ProcessLimits().seconds

  @Option(help: "GiB of private memory that a process apart may use; shared and device memory are not counted.")
  var memoryLimit = Double(ProcessLimits().memoryByteCount) / 0x1p30

  @Flag(help: "Load a plug-in, or read recorded outputs, in this process, for a debugger: what ends it ends the run.")
  var inProcess = false

  func validate() throws {
    guard timeout > 0, timeout <= 86_400 else {
      throw ValidationError("--timeout \(timeout): must be above 0 and at most 86400 seconds")
    }
    guard memoryLimit >= 0.125, memoryLimit <= 0x1p20 else {
      throw ValidationError("--memory-limit \(memoryLimit): must be at least 0.125 and at most 1048576 GiB")
    }
  }

  var limits: ProcessLimits { ProcessLimits(seconds: timeout, memoryByteCount: Int(memoryLimit * 0x1p30)) }

  /// The limits; nil where nothing runs apart.
  var isolated: ProcessLimits? { inProcess ? nil : limits }
}
