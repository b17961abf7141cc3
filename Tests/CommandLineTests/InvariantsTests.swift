import Foundation
import TestSupport
import Testing

@Suite("invariants", .timeLimit(.minutes(30))) struct InvariantsTests {
  @Test("A mutant fails with exit status 1, and the invariant that shows it is named with its place")
  func mutant() throws {
    let (status, text) = try Program.ropeConformance(
      "invariants", "--backend", "mutant:attention-factor-missing", "--model", "qwen2.5-7b-yarn", "--type", "f32",
      "--seed", "1")
    #expect(status == 1)
    #expect(text.contains("\n✗ qwen2.5-7b-yarn/f32/position, pair norms: "), "\(text)")
    #expect(!text.contains("position, relative positions: "), "\(text)")
    #expect(text.hasSuffix("\ndoes not hold\n"), "\(text)")
  }

  @Test("A plan of one's own is checked, under the name of its file")
  func plan() throws {
    let folder = try TemporaryFolder()
    try folder.write(
      (#"{"head_dim":6,"pairs":[[0,3],[1,4,4,1]],"axes":[0,1],"frequencies":[1,0.01]}"#).utf8, to: "mine.json")
    let (status, text) = try Program.ropeConformance(
      "invariants", "--plan", folder.path("mine.json"), "--backend", "hip", "--device", "host", "--seed", "1")
    #expect(status == 0, "\(text)")
    #expect(text.contains("\nmine/bf16/table-f32 ") && text.hasSuffix("\nholds\n"), "\(text)")
  }

  @Test(
    "What cannot be done is bad usage",
    arguments: [
      (["--backend", "command:cat {inputs} {outputs}"], "runs on files of cases"),
      (["--backend", "reference", "--device", "host"], "only the backend hip has a device to choose"),
      (["--model", "glm-4.5", "--plan", "mine.json"], "give one of --config, --model and --plan"),
      (["--model", "gpt2"], "'gpt2' does not rotate"),
    ])
  func usage(_ arguments: [String], _ message: String) throws {
    let (status, text) = try Program(ropeConformance: ["invariants"] + arguments).outcome()
    #expect(status == 2 && text.contains(message), "\(text)")
  }
}
