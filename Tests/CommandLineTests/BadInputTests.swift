import Foundation
import TestSupport
import Testing

@Suite("Bad usage and input", .timeLimit(.minutes(30))) struct BadInputTests {
  @Test(
    "What is wrong is said in a line, with what may be meant; the usage of a command that was understood is not",
    arguments: [
      (["plan", "--model", "glm-45"], "no bundled model is named 'glm-45'; nearest: glm-4.5"),
      (["run", "--backend", "mutant:pairing"], "unknown mutant 'pairing'; nearest: pairing-swapped"),
      (["mutants", "--mutant", "sine-negatd"], "unknown mutant 'sine-negatd'; nearest: sine-negated"),
      (
        ["show", "glm-4.5/f32/promt/position"],
        "no case 'glm-4.5/f32/promt/position'; nearest: glm-4.5/f32/prompt/position"
      ),
      (["show", "no such case"], "no case 'no such case'; 'list' shows all names"),
      (["run", "--case", "glm-4.5/f32/promt/position"], "; nearest: glm-4.5/f32/prompt/position, "),
      (["run", "--tier", "full", "--case", "nope"], " cases; nearest: gpt2, "),
      (["bench", "--shape", "nope"], "matches none of the 864 shapes; nearest: "),
      (["export", "--model", "glm-45", "out"], "--model 'glm-45' has no golden; nearest: glm-4.5"),
      (["run", "--tolerances", "/nowhere.yaml"], "tolerances file '/nowhere.yaml': No such file or directory"),
      (["generate", "--config", "/", "--fixtures", "/nowhere/folder"], "/: cannot be read: "),
    ])
  func message(arguments: [String], text: String) throws {
    let (status, printed) = try Program(ropeConformance: arguments).outcome()
    #expect(status == 2)
    #expect(printed.hasPrefix("Error: ") && printed.contains(text), "\(printed)")
    #expect(!printed.contains("Usage:"))
  }

  @Test("Of a command that was not understood the usage is shown")
  func usage() throws {
    let (status, text) = try Program.ropeConformance("invariants", "--seed", "-1")
    #expect(status == 2 && text.contains("The value '-1' is invalid for '--seed <number>'"))
    #expect(text.contains("0 to 2^64 - 1") && text.contains("Usage: rope-conformance invariants"))
  }

  @Test("Help is no error")
  func help() throws {
    #expect(try Program.ropeConformance("help", "run").status == 0)
  }
}
