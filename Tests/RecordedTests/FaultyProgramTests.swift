import Conformance
import Foundation
import Goldens
import Judging
import Reports
import TestSupport
import Testing
import Workers

@testable import Backends

@Suite("Programs that are wrong", .timeLimit(.minutes(30))) struct FaultyProgramTests {
  private func candidate(
    _ program: FaultyProgram, _ outputs: OutputsFile, _ subject: Subject, in folder: String, runCount: Int = 1
  ) throws -> CommandCandidate {
    CommandCandidate(
      try CommandProgram(parsing: program.write(outputs, to: folder)), runCount: runCount,
      limits: WorkerLimits(seconds: program.seconds, memoryByteCount: 256 << 20), library: subject.library,
      cases: subject.entries)
  }

  @Test("Each fails the case that it is wrong on, says how, and leaves the others alone", arguments: FaultyProgram.all)
  func verdict(_ program: FaultyProgram) throws {
    let folder = try TemporaryFolder(), subject = try Subject()
    let runCount = program.name.contains("each run") ? 2 : 1
    let found = try subject.reports(
      candidate(program, subject.outputs, subject, in: folder.path, runCount: runCount))
    #expect(found.map(\.outcome) == [.conforms, .fails, .conforms], "\(found.map(\.text))")
    #expect(found[Subject.target].text.contains(program.verdict), "\(found[Subject.target].text)")
  }

  @Test("One that is right conforms, and is started once a run")
  func right() throws {
    let folder = try TemporaryFolder(), subject = try Subject()
    let program = FaultyProgram(name: "right", before: #"echo >>"$0.starts""#, verdict: "")
    let candidate = try candidate(program, subject.outputs, subject, in: folder.path, runCount: 3)
    #expect(try subject.reports(candidate).map(\.outcome) == [.conforms, .conforms, .conforms])
    #expect(try Data(contentsOf: URL(filePath: folder.path("program.sh.starts"))).count == 3)
    #expect(candidate.problems == [])
    // Asking again starts the program again.
    #expect(try subject.reports(candidate).map(\.outcome) == [.conforms, .conforms, .conforms])
  }

  @Test("Other bits in a later run are a race, with their place")
  func race() throws {
    let folder = try TemporaryFolder(), subject = try Subject()
    try subject.outputs.changing(Subject.target) { $0.key?.bytes[12] ^= 1 }.write(to: folder.path("other.h5"))
    let later = #"if [ -e "$0.ran" ]; then cat "$(dirname "$0")/other.h5" >"$2"; fi; touch "$0.ran""#
    let program = FaultyProgram(name: "race", behind: later, verdict: "")
    let found = try subject.reports(candidate(program, subject.outputs, subject, in: folder.path, runCount: 3))
    #expect(found.map(\.outcome) == [.conforms, .fails, .conforms])
    let race = "run 2 of 3 differs from run 1 in 1 element, first key[batch 0, "
    #expect(found[1].text.contains(race))
    #expect(found[1].text.contains("\n    runs 2 and 3 have the same bits: this looks like state"))
  }

  @Test("What is recorded of a case counts, and what is recorded beside it is a problem")
  func recorded() throws {
    let folder = try TemporaryFolder(), subject = try Subject()
    var outputs = subject.outputs.changing(0) { $0 = .init(name: $0.name, attributes: ["unsupported": "no floats"]) }
    outputs = outputs.changing(1) { $0 = .init(name: $0.name, attributes: ["failed": "ValueError: no halves"]) }
    let program = FaultyProgram(name: "words", verdict: "")
    let found = try subject.reports(candidate(program, outputs, subject, in: folder.path))
    #expect(found.map(\.outcome) == [.unsupported, .fails, .conforms])
    #expect(found[0].verdict.unsupportedReason == "no floats")
    #expect(found[1].text.contains("the program failed: ValueError: no halves"))

    let extra = try TemporaryFolder()
    outputs.cases.append(.init(name: "glm-4-9b-chat/f16/invented/position"))
    let candidate = try candidate(program, outputs, subject, in: extra.path)
    try FileManager.default.removeItem(atPath: extra.path("outputs-7.h5"))
    try outputs.write(to: extra.path("outputs-7.h5"))
    _ = try subject.reports(candidate)
    #expect(candidate.problems.count == 1)
    let problem = try #require(candidate.problems.first)
    #expect(problem.contains("recorded 1 cases that it was not given, such as 'glm-4-9b-chat"))
  }

  @Test("A case that is not recorded is tried again without the others, and then fails")
  func absent() throws {
    let folder = try TemporaryFolder(), subject = try Subject()
    let program = FaultyProgram(
      name: "absent", behind: #"cat "$(dirname "$0")/outputs-$((choice - 2)).h5" >"$2""#, verdict: "")
    let found = try subject.reports(candidate(program, subject.outputs, subject, in: folder.path))
    #expect(found.map(\.outcome) == [.conforms, .fails, .conforms])
    #expect(found[1].text.contains("no output recorded"))
  }

  @Test("One that never does anything right is not started for every case")
  func hopeless() throws {
    let folder = try TemporaryFolder(), subject = try Subject()
    let entries = Array(subject.library.entries.filter { $0.elementCount < 1_000 }.prefix(60))
    let script = folder.path("program.sh")
    try Data("echo >>\"$0.starts\"; exit 9".utf8).write(to: URL(filePath: script))
    let runner = try runner(
      CommandCandidate(
        CommandProgram(parsing: "sh '\(script)' {inputs} {outputs}"), runCount: 1, limits: WorkerLimits(),
        library: subject.library, cases: entries))
    for entry in entries {
      let found = try runner.report(on: subject.library.golden(named: entry.name))
      #expect(found.outcome == .fails && found.text.contains("the program exited with status 9"))
    }
    #expect(try Data(contentsOf: URL(filePath: "\(script).starts")).count == 32)
  }
}
