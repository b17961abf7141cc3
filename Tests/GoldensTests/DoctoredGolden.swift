import HDF5
import Models
import RoPE
import TestSupport
import Testing

@testable import Goldens

/// A golden file of one case in which some attributes and datasets are replaced or missing.
///
/// Names are those in the case's group; those of the plan and of the root begin with `/plan/` and `/`.
struct DoctoredGolden {
  enum Attribute {
    case int(Int), real(Double), text(String), missing
  }

  enum Elements {
    case int32([Int32], shape: [Int]), int64([Int64], shape: [Int])
    case float32([Float], shape: [Int]), float64([Double], shape: [Int])
    /// A dataset to which nothing is written.
    case unwritten(NumberType, shape: [Int])
    case missing
  }

  let recipe: Recipe
  /// The model of the case; by default the bundled model of its name.
  var subject: Model?
  var attributes: [String: Attribute] = [:]
  var datasets: [String: Elements] = [:]

  var caseName: String { recipe.goldenCase.name }

  /// Writes the file, reads the case back, and returns the error of the reader.
  func error() throws -> any Error {
    let folder = try TemporaryFolder()
    return try error(in: folder.path)
  }

  private func error(in folder: String) throws -> any Error {
    let path = "\(folder)/doctored.h5"
    try write(to: path, original: "\(folder)/original.h5")
    return try #require(throws: (any Error).self, "the reader accepts it") {
      try GoldenReader.read(caseNamed: caseName, from: path)
    }
  }

  /// Checks that the reader itself refuses a case because of an object, with these words.
  func expectMalformed(_ object: String, _ words: String...) throws {
    let error = try error()
    guard case GoldenError.malformed(let path, let found, let reason) = error else {
      Issue.record("another error: \(error)")
      return
    }
    #expect(path.hasSuffix("doctored.h5") && "\(error)".contains(path) && "\(error)".contains(found))
    #expect(found == (["/", "/plan"].contains(object) ? object : "/cases/\(caseName)\(object)"))
    for word in words { #expect(reason.contains(word), "'\(reason)' lacks '\(word)'") }
  }

  /// Writes the file; with no changes it reads like the original.
  func write(to path: String, original: String) throws {
    let subject = try subject ?? Model.named(recipe.goldenCase.model)
    _ = try GoldenWriter.write([recipe], of: subject, to: original)
    try copy(from: original, to: path)
  }

  /// Copies the case from a file that also has others.
  func copy(from original: String, to path: String) throws {
    let source = try File(opening: original), target = try File(creating: path)
    var unused = Set(attributes.keys).union(datasets.keys)
    try copy(source.root(), to: target.root(), &unused)
    try target.close()
    #expect(unused.isEmpty, "nothing of this name to change")
  }

  private func copy(_ source: consuming Group, to target: consuming Group, _ unused: inout Set<String>) throws {
    let prefix = source.path == "/" ? "/" : source.path == "/cases/\(caseName)" ? "" : "\(source.path)/"
    for name in try source.attributes().names() {
      unused.remove(prefix + name)
      switch try attributes[prefix + name] ?? Self.read(name, of: source.attributes()) {
      case .int(let value): try target.attributes().set(name, to: value)
      case .real(let value): try target.attributes().set(name, to: value)
      case .text(let value): try target.attributes().set(name, to: value)
      case .missing: break
      }
    }
    for name in try source.datasetNames() {
      unused.remove(prefix + name)
      try copy(source.dataset(name), named: name, to: target, as: datasets[prefix + name])
    }
    for name in try source.groupNames() { try copy(source.group(name), to: target.createGroup(name), &unused) }
  }

  private static func read(_ name: String, of attributes: consuming Attributes) throws -> Attribute {
    if let value = try? attributes.int(name) { return .int(value) }
    if let value = try? attributes.double(name) { return .real(value) }
    if let value = try? attributes.string(name) { return .text(value) }
    // The flags are a list, which the reader computes.
    return .missing
  }

  private func copy(
    _ source: consuming Dataset, named name: String, to target: borrowing Group, as change: Elements?
  ) throws {
    switch change {
    case .int32(let values, let shape): try target.createDataset(name, type: .int32, shape: shape).write(values)
    case .int64(let values, let shape): try target.createDataset(name, type: .int64, shape: shape).write(values)
    case .float32(let values, let shape): try target.createDataset(name, type: .float32, shape: shape).write(values)
    case .float64(let values, let shape): try target.createDataset(name, type: .float64, shape: shape).write(values)
    case .unwritten(let type, let shape): _ = try target.createDataset(name, type: type, shape: shape)
    case .missing: break
    case nil:
      var bytes = [UInt8](repeating: 0, count: source.elementCount * source.type.byteCount)
      try bytes.withUnsafeMutableBytes { try source.read(into: $0) }
      try bytes.withUnsafeBytes { bytes in
        try target.createDataset(name, type: source.type, shape: source.shape).write(bytes)
      }
    }
  }
}
