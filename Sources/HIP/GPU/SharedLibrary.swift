import Foundation

/// A library that is found when it is first needed. It stays loaded, because drivers do not bear being unloaded.
///
/// Unchecked because of the handle, which the loader only reads.
struct SharedLibrary: @unchecked Sendable {
  /// The name under which it was found.
  let name: String
  let handle: UnsafeMutableRawPointer

  /// Why none of several libraries can be used.
  struct Missing: Error {
    let reason: String
  }

  /// Loads the first of several versions that the loader finds.
  init(firstOf names: [String]) throws(Missing) {
    var broken: String?
    for name in names {
      if let handle = dlopen(name, RTLD_NOW | RTLD_LOCAL) {
        self.name = name
        self.handle = handle
        return
      }
      // "NAME: cannot open …" where the library itself is not there; else something that it needs.
      let message = dlerror().map { String(cString: $0) } ?? "unknown reason"
      if !message.hasPrefix("\(name): cannot open shared object file") { broken = broken ?? message }
    }
    throw Missing(reason: broken ?? "the loader does not find \(names.joined(separator: " or "))")
  }

  /// A function by its name and type; nil where the library has not got it.
  func function<Function>(_ name: String, as type: Function.Type) -> Function? {
    dlsym(handle, name).map { unsafeBitCast($0, to: type) }
  }
}
