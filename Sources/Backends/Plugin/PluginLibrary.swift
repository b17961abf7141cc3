import CRoPEBackend
import Foundation

/// A plug-in as a shared library.
enum PluginLibrary {
  private typealias EntryPoint =
    @convention(c) (UnsafePointer<rope_host>?, UnsafeMutablePointer<rope_error>?) -> UnsafePointer<rope_backend>?

  /// Loads a library into this process and never unloads it, because its code may run until the process ends.
  ///
  /// - Throws: ``PluginError``.
  static func load(_ path: String) throws(PluginError) -> PluginFunctions {
    // Without a slash, dlopen would search everywhere but in this folder.
    guard let library = dlopen(path.contains("/") ? path : "./\(path)", RTLD_NOW | RTLD_LOCAL) else {
      throw .notLoaded(path: path, reason: dlerror().map { String(cString: $0) } ?? "no reason given")
    }
    guard let symbol = dlsym(library, "rope_backend_get") else { throw .noEntryPoint(path: path) }
    let get = unsafeBitCast(symbol, to: EntryPoint.self)
    let (major, minor) = PluginFunctions.version
    var host = rope_host(struct_size: MemoryLayout<rope_host>.size, major_version: major, minor_version: minor)
    let (found, reason) = rope_error.reading { get(&host, $0) }
    guard let backend = found else { throw .refused(path: path, reason: reason) }
    do throws(InterfaceError) {
      return try PluginFunctions(backend)
    } catch {
      throw .interface(path: path, error)
    }
  }
}

extension PluginFunctions {
  /// The name and the line for people; the name of the library's file where it gives none.
  func words(path: String) -> (name: String, summary: String) {
    let file = URL(filePath: path).lastPathComponent
    return (name ?? file, summary ?? file)
  }
}

/// A plug-in that cannot be used, or did not do what it was asked.
package enum PluginError: BackendBreakdown, Equatable, CustomStringConvertible {
  /// The file is not a shared library, or a library that it needs is missing.
  case notLoaded(path: String, reason: String)
  case noEntryPoint(path: String)
  /// Its entry point returned null.
  case refused(path: String, reason: String)
  /// Its entry point returned what cannot be used.
  case interface(path: String, InterfaceError)
  /// It ended, hung or wrote nonsense before it was ready.
  case notReady(path: String, reason: String)
  /// A call failed: the action, and the reason.
  case failed(what: String, reason: String)

  /// The error of a call whose structs or lists were changed; `change` says which.
  static func changedCall(what: String, _ change: String) -> PluginError {
    .failed(what: what, reason: "wrote to the call, which it may only read: it changed \(change)")
  }

  package var description: String {
    switch self {
    case .notLoaded(let path, let reason):
      "plug-in '\(path)' cannot be loaded: \(reason)"
    case .noEntryPoint(let path):
      "plug-in '\(path)' does not export rope_backend_get: it must define that function, as rope_backend.h declares it"
    case .refused(let path, let reason):
      "plug-in '\(path)' cannot be used here: \(reason)"
    case .interface(let path, let error):
      "plug-in '\(path)' \(error)"
    case .notReady(let path, let reason):
      "plug-in '\(path)' did not start: it \(reason)"
    case .failed(let what, let reason):
      "\(what): the backend \(reason)"
    }
  }
}
