import Conformance
import Testing

@testable import Backends

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
