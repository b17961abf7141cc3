import Testing

@Suite("mutants") struct MutantsTests {
  @Test("Of some cases, mistakes for which they give no room are named in a line, and are no failure")
  func someCases() throws {
    let (status, text) = try Program.run("mutants", "--case", "gpt2/f32/prompt/*", "--case", "glm-4.5/f32/prompt/table")
    #expect(status == 0, "\(text)")
    #expect(text.contains("| `pairing-swapped` | "))
    #expect(!text.contains("| `llama3-factor-8` | "))
    let unseen = text.split(separator: "\n").first { $0.hasPrefix("these cases give no room for ") }
    #expect(unseen?.contains("llama3-factor-8, ") == true)
  }
}
