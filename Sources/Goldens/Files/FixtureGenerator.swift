import Foundation
public import Models

/// Writes the golden files of models and their manifest, or compares them with what it would write.
public struct FixtureGenerator: Sendable {
  private let models: [Model]

  public init(models: [Model]) { self.models = models }

  /// For every model that has a golden file.
  ///
  /// - Throws: `ModelConfigError` where a bundled model is missing or wrong.
  public init() throws { models = try Model.withGoldens }

  /// What became of one file of the folder.
  public struct FileChange: Sendable, Equatable {
    public enum Kind: String, Sendable {
      case unchanged
      case changed
      case new
      /// In the folder, and nothing generates it.
      case unknown
    }

    public let name: String
    public let kind: Kind
  }

  /// Brings a folder up to date. Each file is written beside its place and moved there when it is complete, the
  /// manifest last; files that would not change are left alone.
  ///
  /// - Throws: ``GoldenError`` or `HDF5Error`; no file of the folder is then incomplete.
  public func generate(into folder: String) throws -> [FileChange] {
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    } catch {
      throw GoldenError.unwritable(path: folder, reason: error.localizedDescription)
    }
    return try compare(with: folder) { temporary, target in
      // rename(2) replaces the target in one step; FileManager's moveItem refuses to.
      guard rename(temporary, target) == 0 else {
        throw GoldenError.unwritable(path: target, reason: String(cString: strerror(errno)))
      }
    }
  }

  /// Generates everything again and compares it byte for byte with a folder, which stays as it is.
  public func check(_ folder: String) throws -> [FileChange] {
    let scratch = FileManager.default.temporaryDirectory.appendingPathComponent("rope-\(UUID().uuidString)").path
    do {
      try FileManager.default.createDirectory(atPath: scratch, withIntermediateDirectories: true)
    } catch {
      throw GoldenError.unwritable(path: scratch, reason: error.localizedDescription)
    }
    defer { try? FileManager.default.removeItem(atPath: scratch) }
    return try compare(with: folder, scratch: scratch) { _, _ in }
  }

  /// - Parameters:
  ///   - scratch: where files are written first; the folder itself unless given.
  ///   - replace: called for each file that differs, with its new version and its place.
  private func compare(
    with folder: String, scratch: String? = nil, replace: (_ temporary: String, _ target: String) throws -> Void
  ) throws -> [FileChange] {
    var changes: [FileChange] = [], files: [Manifest.File] = []
    func settle(_ name: String, _ write: (_ temporary: String) throws -> Void) throws {
      let temporary = "\(scratch ?? folder)/\(name).tmp", target = "\(folder)/\(name)"
      defer { try? FileManager.default.removeItem(atPath: temporary) }
      try write(temporary)
      let isThere = FileManager.default.fileExists(atPath: target)
      let isSame = isThere && FileManager.default.contentsEqual(atPath: temporary, andPath: target)
      if !isSame { try replace(temporary, target) }
      changes.append(FileChange(name: name, kind: isSame ? .unchanged : isThere ? .changed : .new))
    }
    for model in models {
      let goldens = try Recipe.all(for: model).map { recipe in try GoldenGenerator.golden(for: recipe) }
      try settle("\(model.name).h5") { temporary in
        try GoldenWriter.write(goldens, of: model, to: temporary)
        files.append(try Self.entry("\(model.name).h5", goldens, temporary))
      }
    }
    try settle(Manifest.fileName) { temporary in
      try Self.write(Manifest(formatVersion: GoldenFormat.version, files: files), to: temporary)
    }
    return changes + unknownFiles(in: folder, known: changes.map(\.name))
  }

  private func unknownFiles(in folder: String, known: [String]) -> [FileChange] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.filter { $0.hasSuffix(".h5") && !known.contains($0) }.sorted().map {
      FileChange(name: $0, kind: .unknown)
    }
  }

  private static func entry(_ name: String, _ goldens: [Golden], _ path: String) throws -> Manifest.File {
    let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0
    return Manifest.File(
      name: name, sha256: try Fixtures.sha256(ofFile: path), byteCount: size,
      cases: goldens.map { Manifest.Entry(name: $0.goldenCase.name, section: $0.goldenCase.section) })
  }

  private static func write(_ manifest: Manifest, to path: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    do {
      try (try encoder.encode(manifest) + Data("\n".utf8)).write(to: URL(fileURLWithPath: path))
    } catch {
      throw GoldenError.unwritable(path: path, reason: error.localizedDescription)
    }
  }
}
