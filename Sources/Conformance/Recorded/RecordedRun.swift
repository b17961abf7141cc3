public import Backends
import Foundation
public import Goldens

/// Judges outputs that were made elsewhere, out of files.
public struct RecordedRun: CaseJudge, Sendable {
  public let name: String
  public let summary: String
  public var deviceName: String? { nil }

  private let diagnoses: Bool
  /// The file that has a case, by the name of the case.
  private let outputs: [String: RecordedOutputs]
  /// Files that cannot be read, and cases that no golden has.
  public let problems: [String]

  /// What files cannot show.
  static let notChecked = [
    "whether inputs changed, or anything was written beside the outputs: only outputs are recorded",
    "memory layouts: inputs were given contiguous, also those of strided cases and cases in place",
    "which device did the work: the program's word is all there is",
  ]

  public let notChecked: [String]

  /// Opens files of recorded outputs.
  ///
  /// A file that is damaged is no reason to stop: its cases fail.
  ///
  /// - Parameters:
  ///   - fixtures: the goldens, which the files must name.
  ///   - limits: of the process that reads them; nil to read them in this one.
  ///   - onlyRecorded: whether cases of which nothing is recorded will not be asked for.
  ///   - diagnoses: whether a case that fails is compared with known mistakes.
  /// - Throws: ``RecordedRunError``.
  public init(
    paths: [String], fixtures: Fixtures, limits: ProcessLimits?, onlyRecorded: Bool = false, diagnoses: Bool = true
  ) throws(RecordedRunError) {
    let reader = RecordedReader(limits: limits)
    var files: [RecordedOutputs] = [], problems: [String] = [], outputs: [String: RecordedOutputs] = [:]
    for path in paths {
      var isFolder: ObjCBool = false
      guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), !isFolder.boolValue else {
        throw .noFile(path: path)
      }
      do throws(RecordedError) {
        files.append(try RecordedOutputs(path: path, reader: reader))
      } catch {
        problems.append("'\(path)' is not recorded outputs: \(error)")
      }
    }
    let known = Set(fixtures.manifest.cases.map(\.name))
    for file in files {
      guard file.header.goldens == fixtures.checksum else {
        throw .otherGoldens(path: file.path, found: file.header.goldens, expected: fixtures.checksum)
      }
      guard file.header.backend == files[0].header.backend else {
        throw .severalBackends(
          paths: [files[0].path, file.path], names: [files[0].header.backend, file.header.backend])
      }
      for name in file.header.caseNames {
        if let other = outputs.updateValue(file, forKey: name) {
          throw .repeated(caseName: name, paths: [other.path, file.path])
        }
      }
      let extra = file.header.caseNames.filter { !known.contains($0) }
      if let first = extra.first {
        problems.append("'\(file.path)' records \(extra.count) cases that the goldens do not have, such as '\(first)'")
      }
    }
    let absent = known.count { outputs[$0] == nil }
    notChecked =
      (onlyRecorded && absent > 0 ? ["\(absent) of \(known.count) cases: nothing is recorded of them"] : [])
      + ["races: outputs are recorded once"] + Self.notChecked
    self.diagnoses = diagnoses
    self.outputs = outputs
    self.problems = problems
    name = files.first?.header.backend ?? "unknown"
    let file = paths.count == 1 ? "'\(paths[0])'" : "\(paths.count) files"
    summary = "\(files.first.map { $0.header.summary ?? $0.header.backend } ?? "unknown"), as recorded in \(file)"
  }

  /// The names of the cases of which something is recorded.
  public var recordedNames: Set<String> { Set(outputs.keys) }

  public func verdict(on golden: Golden, rule: ToleranceRule) throws -> Verdict {
    guard let file = outputs[golden.goldenCase.name] else {
      let unreadable = problems.isEmpty ? "" : "; \(problems[0])"
      return Verdict(.failed("no output recorded\(unreadable)"), on: golden, rule: rule)
    }
    let run = RecordedCaseRun(golden: golden, runs: [file], budget: rule.budget, diagnoses: diagnoses)
    return Verdict(try run.run(), on: golden, rule: rule)
  }
}

/// Files of recorded outputs that cannot be judged together, or with these goldens.
public enum RecordedRunError: Error, Equatable, CustomStringConvertible {
  case noFile(path: String)
  case otherGoldens(path: String, found: String, expected: String)
  case severalBackends(paths: [String], names: [String])
  case repeated(caseName: String, paths: [String])

  public var description: String {
    switch self {
    case .noFile(let path):
      "'\(path)' is no file: give a file of recorded outputs"
    case .otherGoldens(let path, let found, let expected):
      "'\(path)' is of the goldens with checksum '\(found)', these have '\(expected)': give --fixtures of those, or "
        + "export the inputs again"
    case .severalBackends(let paths, let names):
      "'\(paths[0])' is of backend '\(names[0])', '\(paths[1])' of '\(names[1])': validate each backend by itself"
    case .repeated(let caseName, let paths):
      "case '\(caseName)' is recorded in '\(paths[0])' and in '\(paths[1])': give one of them"
    }
  }
}
