import Files
import Foundation

extension CaseLibrary {
  /// Writes the inputs of cases, without expected outputs, into one file for each golden file that has some of them.
  ///
  /// A computed case is in the file of its model. Each file has a temporary name until it is complete. Memory holds one
  /// case at a time, and only a part of a sampled or computed case.
  ///
  /// - Parameters:
  ///   - names: the cases.
  ///   - folder: is created if it is missing.
  ///   - progress: called after each case.
  /// - Returns: the path of each file with its number of cases, in the order of the manifest.
  /// - Throws: ``GoldenError`` or `HDF5Error`; no file in the folder is left incomplete.
  package func exportInputs(
    of names: [String], into folder: String, progress: (_ done: Int) -> Void = { _ in }
  ) throws -> [(path: String, caseCount: Int)] {
    guard !FileManager.default.fileExists(atPath: "\(folder)/\(Manifest.fileName)") else {
      throw FileError.unwritable(path: folder, reason: "the folder holds goldens, which the inputs would replace")
    }
    try Folder.makeAll(folder)
    let wanted = Set(names)
    var written: [(path: String, caseCount: Int)] = [], done = 0
    for file in files {
      let cases = file.caseNames.filter(wanted.contains)
      guard !cases.isEmpty else { continue }
      let target = "\(folder)/\(file.name)"
      let unfinished = try UnfinishedFile(replacing: target)
      let stored = fixtures.manifest.files.first { file.isStored && $0.name == file.name }
      let origin = try stored.map { try GoldenOrigin(of: try fixtures.opened($0).file) }
      var inputs = try InputsFile(creating: unfinished.path, goldens: fixtures.checksum, of: origin)
      for name in cases {
        try inputs.add(golden(named: name))
        done += 1
        progress(done)
      }
      try inputs.close()
      try unfinished.replace()
      written.append((target, cases.count))
    }
    return written
  }

  /// The files of inputs, in the order of the manifest: one for each golden file and each other model of a computed
  /// case.
  package var files: [(name: String, isStored: Bool, caseNames: [String])] {
    var files = fixtures.manifest.files.map { (name: $0.name, isStored: true, caseNames: $0.cases.map(\.name)) }
    for goldenCase in computed.map(\.goldenCase) {
      let name = "\(goldenCase.model).h5"
      if let index = files.firstIndex(where: { $0.name == name }) {
        files[index].caseNames.append(goldenCase.name)
      } else {
        files.append((name, false, [goldenCase.name]))
      }
    }
    return files
  }
}
