internal import CHDF5
import Synchronization

/// The only way to call libhdf5, which is not safe to call from two threads at a time.
enum Library {
  private static let lock = Mutex(())

  /// Calls libhdf5 under the process-wide lock.
  ///
  /// `body` calls one function of libhdf5, which reports failure by a negative result. It must not use this module: the
  /// lock is not recursive.
  ///
  /// - Throws: `HDF5Error` with the error stack of libhdf5 if the result is negative.
  static func call<Result: SignedInteger & Sendable>(
    _ operation: String, at location: Location, _ body: () -> Result
  ) throws(HDF5Error) -> Result {
    try lock.withLock { _ throws(HDF5Error) in
      disablePrinting()
      let result = body()
      guard result < 0 else { return result }
      throw HDF5Error(
        operation: operation, file: location.file, object: location.object, reason: nil, libraryStack: errorStack())
    }
  }

  /// Calls functions of libhdf5 that report no failure, under the process-wide lock.
  static func callWithoutFailure<Result: Sendable>(_ body: () -> Result) -> Result {
    lock.withLock { _ in
      disablePrinting()
      return body()
    }
  }

  /// Stops libhdf5 from printing errors to standard error.
  ///
  /// In a thread-safe build the setting belongs to the thread, and a task moves between threads, so every call sets it
  /// again.
  private static func disablePrinting() { H5Eset_auto2(hid_t(H5E_DEFAULT), nil, nil) }

  /// The frames of the last failure on this thread, outermost call first.
  private static func errorStack() -> [String] {
    var frames: [String] = []
    withUnsafeMutablePointer(to: &frames) { context in
      _ = H5Ewalk2(
        hid_t(H5E_DEFAULT), H5E_WALK_DOWNWARD,
        { _, frame, context in
          guard let frame = frame?.pointee, let frames = context?.assumingMemoryBound(to: [String].self) else {
            return -1
          }
          let function = frame.func_name.map { String(cString: $0) } ?? "?"
          let text = frame.desc.map { String(cString: $0) } ?? "?"
          frames.pointee.append("\(function): \(text)")
          return 0
        }, context)
    }
    return frames
  }

  /// Collects names under the lock, through a function of libhdf5 that calls back for each name.
  ///
  /// `body` passes its argument on as the context of a callback that calls `collect`.
  static func names(
    _ operation: String, at location: Location, _ body: (_ context: UnsafeMutableRawPointer) -> herr_t
  ) throws(HDF5Error) -> [String] {
    var names: [String] = []
    _ = try withUnsafeMutablePointer(to: &names) { context throws(HDF5Error) in
      try call(operation, at: location) { body(context) }
    }
    return names.sorted()
  }

  /// The callback of `names`, which adds one name to its context.
  static func collect(_ name: UnsafePointer<CChar>?, _ context: UnsafeMutableRawPointer?) -> herr_t {
    guard let name, let names = context?.assumingMemoryBound(to: [String].self) else { return -1 }
    names.pointee.append(String(cString: name))
    return 0
  }
}
