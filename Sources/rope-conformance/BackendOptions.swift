import ArgumentParser
import Backends
import Conformance
import Devices
import Goldens
import RoPE
import Workers

/// The backend, and its device.
struct BackendOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "What to judge (default: ROPE_BACKEND, or hip): \(BackendChoice.forms).", valueName: "kind:value"))
  var backend: String?

  @Option(
    help: ArgumentHelp(
      "auto, host, amd, nvidia, or one such as amd:1; 'devices' lists them (default: ROPE_DEVICE, or auto).",
      valueName: "name"),
    completion: .list(["auto", "host", "amd", "nvidia"]))
  var device: String?

  /// Makes the requested backend for some cases.
  func candidate(
    _ settings: Settings, _ limits: LimitOptions, library: CaseLibrary, cases: [Manifest.Entry]
  ) throws -> any Candidate {
    try choice(settings).candidate(
      device: Device(named: settings.device ?? "auto"), runCount: settings.runCount, limits: limits.limits,
      isolates: !limits.inProcess, library: library, cases: cases)
  }

  /// The record of the cases that failed with the requested backend.
  func failures(_ settings: Settings) throws -> FailureRecord {
    FailureRecord(of: try choice(settings).identity(device: settings.device))
  }

  /// The files that the requested backend consists of.
  func files(_ settings: Settings) throws -> [String] { try choice(settings).files }

  /// Makes the requested backend for calls that are not cases.
  ///
  /// The plans of the calls were made for `length`.
  func backends(
    _ settings: Settings, _ limits: LimitOptions, length: Int
  ) throws -> @Sendable (Convention) -> any RoPEBackend {
    try choice(settings).backends(
      device: Device(named: settings.device ?? "auto"), length: length, limits: limits.limits,
      isolates: !limits.inProcess)
  }

  private func choice(_ settings: Settings) throws -> BackendChoice {
    let choice = try BackendChoice(settings.backend)
    if let device, choice != .hip {
      throw ValidationError("--device \(device): only the backend hip has a device to choose")
    }
    return choice
  }
}

/// The limits of a process that is not trusted.
struct LimitOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Seconds that a plug-in may take for a call, a program for a case, or either to load.", valueName: "seconds"))
  var timeout = WorkerLimits().seconds

  @Option(
    help: ArgumentHelp(
      "GiB of private memory that an isolated process may use; shared and device memory do not count.",
      valueName: "GiB"))
  var memoryLimit = Double(WorkerLimits().memoryByteCount) / 0x1p30

  @Flag(help: "Load a plug-in, or read recorded outputs, in this process, for a debugger: a crash then ends the run.")
  var inProcess = false

  func validate() throws {
    guard timeout > 0, timeout <= 86_400 else {
      throw ValidationError("--timeout \(timeout): must be above 0 and at most 86400 seconds")
    }
    guard memoryLimit >= 0.125, memoryLimit <= 0x1p20 else {
      throw ValidationError("--memory-limit \(memoryLimit): must be at least 0.125 and at most 1048576 GiB")
    }
  }

  var limits: WorkerLimits { WorkerLimits(seconds: timeout, memoryByteCount: Int(memoryLimit * 0x1p30)) }

  /// The limits; nil if nothing runs in a process of its own.
  var isolated: WorkerLimits? { inProcess ? nil : limits }
}
