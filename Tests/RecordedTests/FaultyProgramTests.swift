import Conformance
import Foundation
import Goldens
import Reports
import Testing

@testable import Backends

@Suite("Programs that are wrong") struct FaultyProgramTests {
  private func run(
    _ program: FaultyProgram, _ outputs: OutputsFile, _ subject: Subject, in folder: String, runCount: Int = 1
  ) throws -> CommandRun {
    CommandRun(
      try CommandProgram(parsing: program.write(outputs, to: folder)), runCount: runCount,
      limits: ProcessLimits(seconds: program.seconds, memoryByteCount: 256 << 20), diagnoses: false,
      fixtures: subject.fixtures, cases: subject.entries)
  }

  @Test("Each fails the case that it is wrong on, says how, and leaves the others alone", arguments: FaultyProgram.all)
  func verdict(_ program: FaultyProgram) throws {
    let folder = try TemporaryFolder(), subject = try Subject()
    let runCount = program.name.contains("each run") ? 2 : 1
    let verdicts = try subject.verdicts(
      run(program, subject.outputs, subject, in: folder.path, runCount: runCount))
    #expect(verdicts.map(\.outcome) == [.conforms, .fails, .conforms], "\(verdicts.map(\.text))")
    #expect(verdicts[Subject.target].text.contains(program.verdict), "\(verdicts[Subject.target].text)")
  }

  @Test("One that is right conforms, and is started once a run")
  func right() throws {
    let folder = try TemporaryFolder(), subject = try Subject()
    let program = FaultyProgram(name: "right", before: #"echo >>"$0.starts""#, verdict: "")
    let run = try run(program, subject.outputs, subject, in: folder.path, runCount: 3)
    #expect(try subject.verdicts(run).map(\.outcome) == [.conforms, .conforms, .conforms])
    #expect(try Data(contentsOf: URL(filePath: folder.path("program.sh.starts"))).count == 3)
    #expect(run.problems == [])
    // Whoever asks again gets another start.
    #expect(try subject.verdicts(run).map(\.outcome) == [.conforms, .conforms, .conforms])
  }

  @Test("Other bits in a later run are a race, with their place")
  func race() throws {
    let folder = try TemporaryFolder(), subject = try Subject()
    try subject.outputs.changing(Subject.target) { $0.key?.bytes[12] ^= 1 }.write(to: folder.path("other.h5"))
    let later = #"if [ -e "$0.ran" ]; then cat "$(dirname "$0")/other.h5" >"$2"; fi; touch "$0.ran""#
    let program = FaultyProgram(name: "race", behind: later, verdict: "")
    let verdicts = try subject.verdicts(run(program, subject.outputs, subject, in: folder.path, runCount: 3))
    #expect(verdicts.map(\.outcome) == [.conforms, .fails, .conforms])
    let race = "run 2 of 3 differs from run 1 in 1 element, first key[batch 0, "
    #expect(verdicts[1].text.contains(race))
    #expect(verdicts[1].text.contains("\n    runs 2 and 3 have the same bits: it looks like state"))
  }

  @Test("What is recorded of a case counts, and what is recorded beside it is a problem")
  func recorded() throws {
    let folder = try TemporaryFolder(), subject = try Subject()
    var outputs = subject.outputs.changing(0) { $0 = .init(name: $0.name, attributes: ["unsupported": "no floats"]) }
    outputs = outputs.changing(1) { $0 = .init(name: $0.name, attributes: ["failed": "ValueError: no halves"]) }
    let program = FaultyProgram(name: "words", verdict: "")
    let verdicts = try subject.verdicts(run(program, outputs, subject, in: folder.path))
    #expect(verdicts.map(\.outcome) == [.unsupported, .fails, .conforms])
    #expect(verdicts[0].unsupportedReason == "no floats")
    #expect(verdicts[1].text.contains("the program failed: ValueError: no halves"))

    let extra = try TemporaryFolder()
    outputs.cases.append(.init(name: "glm-4-9b-chat/f16/invented/position"))
    let run = try run(program, outputs, subject, in: extra.path)
    try FileManager.default.removeItem(atPath: extra.path("outputs-7.h5"))
    try outputs.write(to: extra.path("outputs-7.h5"))
    _ = try subject.verdicts(run)
    #expect(run.problems.count == 1)
    #expect(run.problems.first?.contains("recorded 1 cases that it was not given, such as 'glm-4-9b-chat") == true)
  }

  @Test("A case that is not recorded is tried again without the others, and then fails")
  func absent() throws {
    let folder = try TemporaryFolder(), subject = try Subject()
    let program = FaultyProgram(
      name: "absent", behind: #"cat "$(dirname "$0")/outputs-$((choice - 2)).h5" >"$2""#, verdict: "")
    let verdicts = try subject.verdicts(run(program, subject.outputs, subject, in: folder.path))
    #expect(verdicts.map(\.outcome) == [.conforms, .fails, .conforms])
    #expect(verdicts[1].text.contains("no output recorded"))
  }

  @Test("One that never does anything right is not started for every case")
  func hopeless() throws {
    let folder = try TemporaryFolder(), subject = try Subject()
    let entries = Array(subject.fixtures.manifest.cases.filter { $0.elementCount < 1_000 }.prefix(60))
    let script = folder.path("program.sh")
    try Data("echo >>\"$0.starts\"; exit 9".utf8).write(to: URL(filePath: script))
    let run = CommandRun(
      try CommandProgram(parsing: "sh '\(script)' {inputs} {outputs}"), runCount: 1, limits: ProcessLimits(),
      diagnoses: false, fixtures: subject.fixtures, cases: entries)
    for entry in entries {
      let verdict = try run.verdict(on: subject.fixtures.golden(named: entry.name), rule: subject.rule)
      #expect(verdict.outcome == .fails && verdict.text.contains("the program exited with status 9"))
    }
    #expect(try Data(contentsOf: URL(filePath: "\(script).starts")).count == 32)
  }
}

@Suite("Lines that name a program") struct CommandProgramTests {
  @Test("Quotes and backslashes keep spaces; nothing else is special")
  func words() throws {
    let line = #" sh -c 'cat "$1" $HOME; \x' a\ b "c \" d"e "" {inputs}  --out={outputs} "#
    let words = ["sh", "-c", #"cat "$1" $HOME; \x"#, "a b", #"c " de"#, "", "{inputs}", "--out={outputs}"]
    #expect(try CommandWords.split(line) == words)
    #expect(try CommandProgram(parsing: line).text == line)
  }

  @Test("A line that names no program that can be run is an error")
  func errors() {
    #expect(throws: CommandError.noProgram("  ")) { try CommandProgram(parsing: "  ") }
    #expect(throws: CommandError.unfinished("sh 'x {inputs} {outputs}")) {
      try CommandProgram(parsing: "sh 'x {inputs} {outputs}")
    }
    #expect(throws: CommandError.unfinished("sh {inputs} {outputs} \\")) {
      try CommandProgram(parsing: "sh {inputs} {outputs} \\")
    }
    #expect(throws: CommandError.noPlace("sh {outputs}", "{inputs}")) { try CommandProgram(parsing: "sh {outputs}") }
    #expect(throws: CommandError.noPlace("sh {inputs}", "{outputs}")) { try CommandProgram(parsing: "sh {inputs}") }
    #expect(throws: CommandError.notFound(program: "no-such-program")) {
      try CommandProgram(parsing: "no-such-program {inputs} {outputs}")
    }
    #expect(throws: CommandError.notFound(program: "./no/such")) {
      try CommandProgram(parsing: "./no/such {inputs} {outputs}")
    }
    let choice = BackendChoiceError.command(.noPlace("sh {inputs}", "{outputs}"))
    #expect(throws: choice) { try BackendChoice("command:sh {inputs}") }
  }
}
