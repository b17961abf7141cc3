import HDF5

/// A file of inputs that is being written: cases as in goldens, without expected outputs.
package struct InputsFile: ~Copyable {
  private let file: File
  private var cases = CaseFileWriter(.inputs)

  /// Creates a file, replacing one that is already there.
  ///
  /// `goldens` is the checksum of the cases' goldens, which recorded outputs must name.
  ///
  /// - Throws: `HDF5Error`.
  package init(creating path: String, goldens: String) throws {
    try self.init(creating: path, goldens: goldens, of: nil)
  }

  /// `origin` is what the golden file says of all its cases; nil where they are of several.
  init(creating path: String, goldens: String, of origin: GoldenOrigin?) throws {
    let file = try File(creating: path)
    let root = try file.root()
    try root.attributes().set("format", to: GoldenFormat.name)
    try root.attributes().set("format_version", to: GoldenFormat.version)
    try root.attributes().set("role", to: "inputs")
    try root.attributes().set("goldens", to: goldens)
    try root.attributes().set("generator", to: "rope-conformance export")
    try origin?.write(to: root.attributes())
    self.file = file
  }

  /// Writes one case; an invalid case and its twin are two.
  ///
  /// - Throws: `HDF5Error`, also if the file has the case already.
  package mutating func add(_ golden: Golden) throws {
    if let refused = golden.refused { try cases.write(refused, to: file.root()) }
    try cases.write(golden.valid, to: file.root())
  }

  /// Writes buffered data and closes the file.
  ///
  /// - Throws: `HDF5Error`; the file is then incomplete.
  package consuming func close() throws { try file.close() }
}

/// The origin of the cases of a golden file, as the attributes of its root give it.
struct GoldenOrigin {
  private let texts: [(name: String, value: String)]

  /// - Throws: `HDF5Error`.
  init(of file: borrowing File) throws {
    let root = try file.root()
    var texts: [(name: String, value: String)] = []
    for name in ["model", "source", "configuration"] { texts.append((name, try root.attributes().string(name))) }
    self.texts = texts
  }

  func write(to attributes: borrowing Attributes) throws {
    for text in texts { try attributes.set(text.name, to: text.value) }
  }
}
