import HDF5
import RoPE

/// Writes the golden file of one convention.
enum GoldenWriter {
  /// Computes and writes every case of a convention; the same recipes give the same bytes. A few cases are in memory at a
  /// time.
  ///
  /// - Parameters:
  ///   - path: the file, replaced where it exists.
  ///   - progress: called with the number of cases after some were written.
  /// - Returns: the entries of the manifest.
  /// - Throws: ``GoldenError``, `ConfigurationError`, or `HDF5Error` where writing fails; the file is then incomplete.
  static func write(
    _ recipes: [Recipe], of subject: NamedConvention, to path: String, progress: (_ written: Int) -> Void = { _ in }
  ) throws -> [Manifest.Entry] {
    let file = try File(creating: path)
    let entries = try write(recipes, of: subject, to: file.root(), progress: progress)
    try file.close()
    return entries
  }

  private static func write(
    _ recipes: [Recipe], of subject: NamedConvention, to root: consuming Group, progress: (_ written: Int) -> Void
  ) throws -> [Manifest.Entry] {
    try root.attributes().set("format", to: GoldenFormat.name)
    try root.attributes().set("format_version", to: GoldenFormat.version)
    try root.attributes().set("model", to: subject.name)
    try root.attributes().set("source", to: subject.source)
    try root.attributes().set("generator", to: GoldenFormat.generator)
    try root.attributes().set("reference", to: GoldenFormat.reference)
    try root.attributes().set("configuration", to: GoldenFormat.json(subject.convention))
    var cases = CaseFileWriter(.inputsAndExpected)
    var entries: [Manifest.Entry] = []
    for batch in GoldenGenerator.batches(of: recipes) {
      for golden in try GoldenGenerator.goldens(for: batch) {
        try cases.write(golden, to: root)
        entries.append(Manifest.Entry(golden.goldenCase))
      }
      progress(batch.count)
    }
    return entries
  }
}
