import Testing

@Suite("mutants") struct MutantsTests {
  @Test("Of some cases, mistakes for which they give no room are told in a line, and are no failure")
  func someCases() throws {
    let (status, text) = try Program.run("mutants", "--case", "gpt2/f32/prompt/*", "--case", "glm-4.5/f32/prompt/table")
    #expect(status == 0, "\(text)")
    #expect(text.contains("| `pairing-swapped` | "))
    #expect(!text.contains("| `llama3-factor-8` | "))
    #expect(text.contains("\nthese cases give no room for "))
  }

  @Test("Where no mistake at all is tried, nothing is proved")
  func nothing() throws {
    let (status, text) = try Program.run(
      "mutants", "--mutant", "first-row-for-batch", "--case", "glm-4-9b-chat/f32/single-token/position")
    #expect(status == 1 && text == "these cases give no room for first-row-for-batch\n")
  }
}
