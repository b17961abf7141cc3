import Foundation

extension Fixtures {
  /// Writes the inputs of cases, without what is expected, into a file for each golden file that has some of them.
  ///
  /// Each file is written beside its place and moved there when it is complete. One case is in memory at a time, and of a
  /// sampled case a part.
  ///
  /// - Parameters:
  ///   - names: the cases.
  ///   - folder: is made where it is missing.
  ///   - progress: called after each case.
  /// - Returns: the path of each file with its number of cases, in the order of the manifest.
  /// - Throws: ``GoldenError`` or `HDF5Error`; no file of the folder is then incomplete.
  public func exportInputs(
    of names: [String], into folder: String, progress: (_ done: Int) -> Void = { _ in }
  ) throws -> [(path: String, caseCount: Int)] {
    guard !FileManager.default.fileExists(atPath: "\(folder)/\(Manifest.fileName)") else {
      throw GoldenError.unwritable(path: folder, reason: "it is a folder of goldens, which inputs would replace")
    }
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    } catch {
      throw GoldenError.unwritable(path: folder, reason: error.localizedDescription)
    }
    let wanted = Set(names)
    var written: [(path: String, caseCount: Int)] = [], done = 0
    for file in manifest.files {
      let cases = file.cases.map(\.name).filter(wanted.contains)
      guard !cases.isEmpty else { continue }
      let target = "\(folder)/\(file.name)"
      try Self.writeBeside(target) { temporary in
        var inputs = try InputsFile(
          creating: temporary, goldens: checksum, of: GoldenOrigin(ofFile: "\(path)/\(file.name)"))
        for name in cases {
          try inputs.add(golden(named: name))
          done += 1
          progress(done)
        }
        try inputs.close()
      }
      written.append((target, cases.count))
    }
    return written
  }

  /// Writes a file beside its place, and moves it there in one step.
  private static func writeBeside(_ target: String, _ write: (_ temporary: String) throws -> Void) throws {
    let temporary = "\(target).\(ProcessInfo.processInfo.processIdentifier).tmp"
    do {
      try write(temporary)
      guard rename(temporary, target) == 0 else {
        throw GoldenError.unwritable(path: target, reason: String(cString: strerror(errno)))
      }
    } catch {
      unlink(temporary)
      throw error
    }
  }
}
