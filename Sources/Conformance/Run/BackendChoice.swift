public import Backends
public import HIP

/// Which backend is judged, as `--backend` and `ROPE_BACKEND` name it.
public enum BackendChoice: Sendable, Equatable {
  /// The HIP kernel of this package.
  case hip
  /// The exact result, rounded once.
  case reference
  /// A shared library that implements `rope_backend.h`.
  case plugin(path: String)
  /// A known mistake.
  case mutant(name: String)

  /// What may be written, for people.
  public static let forms = "hip, reference, plugin:PATH or mutant:NAME"

  /// The choice that a text names; that of this package for none.
  ///
  /// - Throws: ``BackendChoiceError``.
  public init(_ text: String?) throws(BackendChoiceError) {
    let parts = (text ?? "hip").split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    switch (parts[0], parts.count > 1 ? parts[1] : nil) {
    case ("hip", nil): self = .hip
    case ("reference", nil): self = .reference
    case ("plugin", let path?) where !path.isEmpty: self = .plugin(path: path)
    case ("mutant", let name?):
      guard Mutant.all.contains(where: { $0.name == name }) else { throw .unknownMutant(name) }
      self = .mutant(name: name)
    default: throw .unknown(text ?? "")
    }
  }

  /// The judge of the backend.
  ///
  /// - Parameters:
  ///   - device: the device of the HIP kernel, which no other choice looks for.
  ///   - runCount: how often each case is run.
  ///   - limits: of a plug-in's process; nil to load it into this one.
  /// - Throws: where the backend cannot be used at all, such as `PluginError`.
  public func judge(
    device: @autoclosure () throws -> Device, runCount: Int, limits: PluginLimits?
  ) throws -> any CaseJudge & Sendable {
    switch self {
    case .hip: ConformanceRun(backend: HIPBackend(device: try device()), runCount: runCount)
    case .reference: ConformanceRun(backend: ReferenceBackend(), runCount: runCount)
    case .plugin(let path): ConformanceRun(backend: try PluginBackend(path: path, limits: limits), runCount: runCount)
    case .mutant(let name):
      if let mutant = Mutant.all.first(where: { $0.name == name }) {
        MutantRun(mutant: mutant, runCount: runCount)
      } else {
        throw BackendChoiceError.unknownMutant(name)
      }
    }
  }
}

/// A text that names no backend.
public enum BackendChoiceError: Error, Equatable, CustomStringConvertible {
  case unknown(String)
  case unknownMutant(String)

  public var description: String {
    switch self {
    case .unknown(let text): "unknown backend '\(text)': must be \(BackendChoice.forms)"
    case .unknownMutant(let name):
      "unknown mutant '\(name)': must be one of \(Mutant.all.map(\.name).joined(separator: ", "))"
    }
  }
}
