import TestSupport
import Testing

@Suite("mutants", .timeLimit(.minutes(30))) struct MutantsTests {
  @Test("Mistakes that cannot occur in the chosen cases are told in a line, and are no failure")
  func someCases() throws {
    let (status, text) = try Program.ropeConformance(
      "mutants", "--case", "gpt2/f32/prompt/*", "--case", "glm-4.5/f32/prompt/table")
    #expect(status == 0, "\(text)")
    #expect(text.contains("| `pairing-swapped` | "))
    #expect(!text.contains("| `llama3-factor-8` | "))
    #expect(text.contains("\nthese mistakes cannot occur in these cases: "))
    #expect(text.contains(/[0-9]+ million elements in [0-9]+ s: [0-9.]+ million a second/))
  }

  @Test("Where no mistake at all is tried, nothing is proved")
  func nothing() throws {
    let (status, text) = try Program.ropeConformance(
      "mutants", "--mutant", "first-row-for-batch", "--case", "glm-4-9b-chat/f32/single-token/position")
    #expect(status == 1 && text == "these mistakes cannot occur in these cases: first-row-for-batch\n")
  }
}
