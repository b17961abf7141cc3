/// A plug-in that cannot be used, or did not do what it was asked.
public enum PluginError: Error, Equatable, CustomStringConvertible {
  /// The file is no shared library, or what it needs is missing.
  case notLoaded(path: String, reason: String)
  case noEntryPoint(path: String)
  /// Its entry point returned null.
  case refused(path: String, reason: String)
  case version(path: String, major: UInt32, minor: UInt32)
  case structSize(path: String, found: Int, needed: Int)
  case missingFunction(path: String, name: String)
  /// It ended, hung or wrote nonsense before it was ready.
  case notReady(path: String, reason: String)
  /// A call failed: what it was, and why.
  case failed(what: String, reason: String)

  public var description: String {
    switch self {
    case .notLoaded(let path, let reason):
      "plug-in '\(path)' cannot be loaded: \(reason)"
    case .noEntryPoint(let path):
      "plug-in '\(path)' exports no function rope_backend_get: it must define the one that rope_backend.h declares"
    case .refused(let path, let reason):
      "plug-in '\(path)' cannot be used here: \(reason)"
    case .version(let path, let major, let minor):
      "plug-in '\(path)' has version \(major).\(minor) of the interface, this program has "
        + "\(PluginLibrary.version.major).\(PluginLibrary.version.minor): the major versions must be the same; compile it "
        + "with the rope_backend.h of this program"
    case .structSize(let path, let found, let needed):
      "plug-in '\(path)' gives its rope_backend a struct_size of \(found): must be at least \(needed), "
        + "sizeof(rope_backend)"
    case .missingFunction(let path, let name):
      "plug-in '\(path)' leaves '\(name)' of its rope_backend null: it must be set"
    case .notReady(let path, let reason):
      "plug-in '\(path)' does not start: it \(reason)"
    case .failed(let what, let reason):
      "\(what): the plug-in \(reason)"
    }
  }
}
