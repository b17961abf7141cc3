import ArgumentParser
import Backends
import Conformance
import HIP

/// Which backend, and what a plug-in may use.
struct BackendOptions: ParsableArguments {
  @Option(help: "What is judged (default: ROPE_BACKEND, or hip): \(BackendChoice.forms).")
  var backend: String?

  @Option(help: "Seconds that a plug-in may take for a call, or to load.")
  var timeout = PluginLimits().seconds

  @Option(help: "GiB of private memory that a plug-in may use; shared and device memory are not counted.")
  var memoryLimit = Double(PluginLimits().memoryByteCount) / 0x1p30

  @Flag(help: "Load a plug-in into this process, for a debugger: what ends it ends the run.")
  var inProcess = false

  func validate() throws {
    guard timeout > 0, timeout <= 86_400 else {
      throw ValidationError("--timeout \(timeout): must be above 0 and at most 86400 seconds")
    }
    guard memoryLimit >= 0.125, memoryLimit <= 0x1p20 else {
      throw ValidationError("--memory-limit \(memoryLimit): must be at least 0.125 and at most 1048576 GiB")
    }
  }

  /// The judge of the backend that was asked for.
  func judge(_ settings: Settings) throws -> any CaseJudge & Sendable {
    let limits = PluginLimits(seconds: timeout, memoryByteCount: Int(memoryLimit * 0x1p30))
    return try BackendChoice(settings.backend).judge(
      device: Device(named: settings.device ?? "auto"), runCount: settings.runCount, limits: inProcess ? nil : limits)
  }
}
