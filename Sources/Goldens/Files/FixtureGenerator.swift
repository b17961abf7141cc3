import Files
import Foundation
import Models
import SHA256

/// Writes the golden files of models and their manifest, or compares existing files with new ones.
package struct FixtureGenerator: Sendable {
  private let models: [Model]
  private let tier: Tier
  private let keepsOthers: Bool
  private let progress: @Sendable (_ done: Int, _ total: Int) -> Void

  /// A generator of the files of some models.
  ///
  /// It writes a file for each of `models`, in the manifest's order. If `keepsOthers`, the manifest keeps the other
  /// files that it lists. `progress` is called after every few cases, from one thread.
  package init(
    _ models: [Model], tier: Tier = .committed, keepsOthers: Bool = false,
    progress: @escaping @Sendable (_ done: Int, _ total: Int) -> Void = { _, _ in }
  ) {
    self.models = models
    self.tier = tier
    self.keepsOthers = keepsOthers
    self.progress = progress
  }

  /// The cases that a model has.
  package enum Tier: String, Sendable, CaseIterable {
    /// The cases that the repository holds.
    case committed
    /// Those and longer ones with the model's own head counts, for a separate folder.
    case full
  }

  /// Brings a folder up to date.
  ///
  /// Files are written under temporary names and renamed when all are complete, the manifest last; files without
  /// changes are left alone.
  ///
  /// - Throws: ``GoldenError`` or `HDF5Error`; no file in the folder is left incomplete.
  package func generate(into folder: String) throws -> [FileChange] {
    try Folder.makeAll(folder)
    let lock = try FolderLock(folder)
    defer { lock.release() }
    return try compare(with: folder, isCheck: false)
  }

  /// Generates everything again and compares it byte for byte with a folder, which is not changed.
  package func check(_ folder: String) throws -> [FileChange] {
    let scratch = try ScratchFolder()
    return try withExtendedLifetime(scratch) { try compare(with: folder, scratch: scratch.path, isCheck: true) }
  }

  /// The differences between a folder and what is written, or would be if this `isCheck`.
  ///
  /// `scratch` is where files are written first; the folder itself unless given.
  private func compare(with folder: String, scratch: String? = nil, isCheck: Bool) throws -> [FileChange] {
    let old = try oldManifest(of: folder)
    var changes: [FileChange] = [], files: [Manifest.File] = [], replacing: [UnfinishedFile] = []
    func settle(_ name: String, _ write: (_ temporary: UnfinishedFile) throws -> [String]) throws {
      let target = "\(folder)/\(name)"
      let file = try UnfinishedFile(replacing: "\(scratch ?? folder)/\(name)")
      let cases = try write(file)
      let isThere = FileManager.default.fileExists(atPath: target)
      let isSame = isThere && FileManager.default.contentsEqual(atPath: file.path, andPath: target)
      var differences: [CaseChange] = []
      if isThere, !isSame, let oldFile = old?.files.first(where: { $0.name == name }) {
        differences = try GoldenComparison.changes(
          from: target, to: file.path, oldNames: oldFile.cases.map(\.name), newNames: cases)
      }
      if !isSame, !isCheck { replacing.append(file) }
      changes.append(
        FileChange(name: name, kind: isSame ? .unchanged : isThere ? .changed : .new, cases: differences))
    }
    let recipes = models.map { (model: $0, recipes: Recipe.all(for: $0, tier: tier)) }
    let total = recipes.reduce(0) { $0 + $1.recipes.count }
    var done = 0
    for (model, recipes) in recipes {
      try settle("\(model.name).h5") { temporary in
        let cases = try GoldenWriter.write(recipes, of: model, to: temporary.path) { written in
          done += written
          progress(done, total)
        }
        files.append(try Self.entry("\(model.name).h5", cases, temporary.path))
        return cases.map(\.name)
      }
    }
    try settle(Manifest.fileName) { temporary in
      // A listed file keeps its place in the list, so that the manifest changes only if a file does.
      let kept = keepsOthers ? old?.files ?? [] : []
      let listed = kept.map { file in files.first { $0.name == file.name } ?? file }
      let new = files.filter { file in !kept.contains { $0.name == file.name } }
      try temporary.write(Self.json(Manifest(formatVersion: GoldenFormat.version, files: listed + new)))
      return []
    }
    // Everything is written by now, so files and manifest disagree only during a few renames.
    try UnfinishedFile.replaceAll(replacing)
    return changes + (keepsOthers ? [] : unknownFiles(in: folder, known: changes.map(\.name)))
  }

  /// The folder's manifest; nil if it is missing, or if it is unreadable and nothing of it is kept.
  private func oldManifest(of folder: String) throws -> Manifest? {
    guard keepsOthers, FileManager.default.fileExists(atPath: "\(folder)/\(Manifest.fileName)") else {
      return try? Fixtures(path: folder).manifest
    }
    return try Fixtures(path: folder).manifest
  }

  private func unknownFiles(in folder: String, known: [String]) -> [FileChange] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.filter { $0.hasSuffix(".h5") && !known.contains($0) }.sorted().map {
      FileChange(name: $0, kind: .unknown, cases: [])
    }
  }

  private static func entry(_ name: String, _ cases: [Manifest.Entry], _ path: String) throws -> Manifest.File {
    var hash = SHA256(), count = 0
    try InputFile.forEachPiece(of: path, limit: Manifest.largestFileCount) { piece in
      hash.update(piece)
      count += piece.count
    }
    return Manifest.File(name: name, sha256: hash.hexadecimal(), byteCount: count, cases: cases)
  }

  private static func json(_ manifest: Manifest) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return try encoder.encode(manifest) + Data("\n".utf8)
  }
}

extension FixtureGenerator {
  /// The difference between a file in the folder and its generated version.
  package struct FileChange: Sendable, Equatable {
    /// The kind of a difference.
    package enum Kind: String, Sendable {
      case unchanged
      case changed
      case new
      /// A file in the folder that nothing generates.
      case unknown
    }

    /// The file's name.
    package let name: String
    /// The kind of its difference.
    package let kind: Kind
    /// The cases that differ, if the file changed and the manifest lists it.
    package let cases: [CaseChange]
  }
}

extension FixtureGenerator.FileChange {
  /// The file, followed by one line for each case that differs.
  ///
  /// If `isCheck`, nothing was written.
  package func text(isCheck: Bool) -> String {
    let outcome =
      switch kind {
      case .unchanged: "unchanged"
      case .changed: isCheck ? "differs" : "rewritten"
      case .new: isCheck ? "missing" : "written"
      case .unknown: "not generated by this version"
      }
    return (["\(name): \(outcome)"] + cases.map { "  \($0)" }).joined(separator: "\n")
  }
}
