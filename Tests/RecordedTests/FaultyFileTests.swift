import Backends
import Conformance
import Foundation
import Judging
import Reports
import TestSupport
import Testing
import Workers

@Suite("Recorded outputs that are wrong", .timeLimit(.minutes(30))) struct FaultyFileTests {
  @Test("Each fails the case that is wrong, says how, and leaves the others alone", arguments: FaultyFile.all)
  func verdict(_ fault: FaultyFile) throws {
    let folder = try TemporaryFolder(), subject = try Subject(), path = folder.path("outputs.h5")
    try fault.make(subject.outputs, path)
    for limits in [WorkerLimits(seconds: 10), nil] {
      let found: [CaseReport]
      do {
        found = try subject.reports(onFile: path, limits: limits)
      } catch let error as RecordingError {
        // Nothing in the file can be judged.
        #expect(fault.isWhole && "\(error)".contains(fault.verdict), "\(error)")
        continue
      }
      let expected: [Outcome] = fault.isWhole ? [.fails, .fails, .fails] : [.conforms, .fails, .conforms]
      #expect(found.map(\.outcome) == expected, "\(found.map(\.text))")
      #expect(found[Subject.target].text.contains(fault.verdict), "\(found[Subject.target].text)")
    }
  }

  @Test("A file on which libhdf5 can crash is no recording, and ends nothing but the process that reads it")
  func crash() throws {
    let path = packageRoot.appending(path: "Tests/Seeds/outputs/damaged-attributes.h5").path
    let message = errorText {
      _ = try RecordedCandidate(paths: [path], library: Subject().library, limits: WorkerLimits(seconds: 10))
    }
    // libhdf5 frees an attribute that it has not read, and what it does then depends on its memory.
    #expect(message.contains("is not recorded outputs: "), "\(message)")
  }

  @Test("Unsupported with a reason is no failure")
  func unsupported() throws {
    let folder = try TemporaryFolder(), subject = try Subject(), path = folder.path("outputs.h5")
    try subject.outputs.changing(Subject.target) {
      $0 = .init(name: $0.name, attributes: ["unsupported": "no halves"])
    }.write(to: path)
    let found = try subject.reports(onFile: path)
    #expect(found.map(\.outcome) == [.conforms, .unsupported, .conforms])
    #expect(found[1].verdict.unsupportedReason == "no halves")
  }

  @Test("What is not a file of these goldens, or not of one backend, is bad input")
  func badInput() throws {
    let folder = try TemporaryFolder(), subject = try Subject(), path = folder.path("outputs.h5")
    func error(_ paths: String...) -> String {
      errorText { _ = try RecordedCandidate(paths: paths, library: subject.library, limits: nil) }
    }
    #expect(error(folder.path).contains("is not a file"))
    #expect(error(path).contains("is not a file"))
    try subject.outputs.write(to: path)
    #expect(error(path) == "no error: ()")
    #expect(error(path, path).contains("is recorded in both '\(path)' and '\(path)'"))
    var other = subject.outputs
    other.root["backend"] = "another"
    other.cases = []
    try other.write(to: folder.path("other.h5"))
    #expect(error(path, folder.path("other.h5")).contains("of backend 'test', "))
    other.root = subject.outputs.root
    other.root["goldens"] = "0a"
    try other.write(to: folder.path("other.h5"))
    #expect(error(folder.path("other.h5")).contains("for the goldens with checksum '0a', but these have"))
  }

  @Test("A case that the goldens do not have is a problem of the run, and so is a file that is damaged")
  func problems() throws {
    let folder = try TemporaryFolder(), subject = try Subject()
    var outputs = subject.outputs
    outputs.cases.append(.init(name: "glm-4-9b-chat/f16/invented/position", attributes: ["unsupported": "no"]))
    try outputs.write(to: folder.path("a.h5"))
    try Data("damaged".utf8).write(to: URL(filePath: folder.path("b.h5")))
    let candidate = try RecordedCandidate(
      paths: [folder.path("a.h5"), folder.path("b.h5")], library: subject.library, limits: WorkerLimits())
    #expect(try subject.reports(candidate).map(\.outcome) == [.conforms, .conforms, .conforms])
    #expect(candidate.problems.count == 2)
    #expect(candidate.problems[0].contains("'\(folder.path("b.h5"))' is not recorded outputs"))
    #expect(candidate.problems[1].contains("records 1 cases that the goldens do not have, such as"))
    #expect(candidate.notChecked(of: []).contains("races: outputs are recorded once"))
  }
}
