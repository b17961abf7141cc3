import Files
import Foundation
import Goldens
import Judging
import Workers

/// Outputs that were made elsewhere, read from files.
package struct RecordedCandidate: Candidate {
  package let name: String
  package let summary: String
  package var deviceName: String? { nil }

  /// The file that records a case, by the name of the case.
  private let outputs: [String: RecordedOutputs]
  /// Files that cannot be read, and recorded cases that the goldens do not have.
  package let problems: [String]

  /// Checks that are impossible on recorded files.
  static let notChecked = [
    "whether inputs changed or memory outside the outputs was written: only outputs are recorded",
    "memory layouts: all inputs are given as contiguous tensors, even in strided and in-place cases",
    "which device did the work: not verified, as reported by the program",
  ]

  /// A sentence on the cases that will not be asked for; nil if all will.
  private let absent: String?

  package func notChecked(of cases: [Manifest.Entry]) -> [String] {
    [absent, "races: outputs are recorded once"].compactMap(\.self) + Self.notChecked
  }

  /// Opens files of recorded outputs.
  ///
  /// A damaged file does not stop the run as long as another one can be read: its cases fail.
  ///
  /// `library` holds the goldens, which the files must name. `limits` apply to the process that reads them; nil to read
  /// them in this one. If `onlyRecorded`, cases without recorded outputs will not be asked for.
  ///
  /// - Throws: ``RecordingError``.
  package init(
    paths: [String], library: CaseLibrary, limits: WorkerLimits?, onlyRecorded: Bool = false
  ) throws(RecordingError) {
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
        problems.append("'\(path.visible)' is not recorded outputs: \(error)")
      }
    }
    guard !files.isEmpty else { throw .noRecording(problems) }
    let known = Set(library.entries.map(\.name)), recordable = library.recordedNames(of: known)
    for file in files {
      guard file.header.goldens == library.fixtures.checksum else {
        throw .otherGoldens(path: file.path, found: file.header.goldens, expected: library.fixtures.checksum)
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
      let extra = file.header.caseNames.filter { !recordable.contains($0) }
      if let first = extra.first {
        problems.append(
          "'\(file.path.visible)' records \(extra.count) cases that the goldens do not have, such as '\(first.visible)'"
        )
      }
    }
    let absent = known.count { outputs[$0] == nil }
    self.absent =
      onlyRecorded && absent > 0 ? "\(absent) of \(known.count) cases: no output is recorded for them" : nil
    self.outputs = outputs
    self.problems = problems
    name = files[0].header.backend
    let file = paths.count == 1 ? "'\(paths[0].visible)'" : "\(paths.count) files"
    summary = "\(files[0].header.summary ?? name), as recorded in \(file)"
  }

  /// The names of the cases that the files record.
  package var recordedNames: Set<String> { Set(outputs.keys) }

  package func outputs(of golden: Golden) -> CandidateOutputs {
    guard let file = outputs[golden.goldenCase.name] else {
      let unreadable = problems.isEmpty ? "" : "; \(problems[0])"
      return .failed(reason: "no output recorded\(unreadable)")
    }
    return RecordedSource(golden, runs: [file]).answer
  }
}

extension RecordedSource {
  /// The outputs, or the reason that there are none.
  var answer: CandidateOutputs {
    do throws(RecordedError) {
      return try unsupportedReason().map { .unsupported(reason: $0) } ?? .outputs(self)
    } catch {
      return .failed(reason: "\(error)")
    }
  }
}

/// Files of recorded outputs that cannot be judged together, or with these goldens.
package enum RecordingError: Error, Equatable, CustomStringConvertible {
  case noFile(path: String)
  /// No file can be read; a sentence on each.
  case noRecording([String])
  case otherGoldens(path: String, found: String, expected: String)
  case severalBackends(paths: [String], names: [String])
  case repeated(caseName: String, paths: [String])

  package var description: String {
    switch self {
    case .noFile(let path):
      "'\(path.visible)' is not a file: give a file of recorded outputs"
    case .noRecording(let reasons):
      reasons.joined(separator: "; ") + ": record outputs from the inputs that 'rope-conformance export' writes"
    case .otherGoldens(let path, let found, let expected):
      "'\(path.visible)' was recorded for the goldens with checksum '\(found.visible)', but these have '\(expected)': give the folder of "
        + "those goldens with --fixtures, or export the inputs again"
    case .severalBackends(let paths, let names):
      "'\(paths[0].visible)' is of backend '\(names[0].visible)', but '\(paths[1].visible)' is of '\(names[1].visible)': validate each backend separately"
    case .repeated(let caseName, let paths):
      "case '\(caseName.visible)' is recorded in both '\(paths[0].visible)' and '\(paths[1].visible)': give only one of them"
    }
  }
}
