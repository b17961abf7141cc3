import TestSupport
import Testing

@Suite("list", .timeLimit(.minutes(30))) struct ListTests {
  @Test("A bug is found in either case of its letter")
  func flag() throws {
    let upper = try Program.ropeConformance("list", "--flag", "B48"),
      lower = try Program.ropeConformance("list", "--flag", "b48")
    #expect(upper.status == 0 && upper.text.contains("phi-3-mini-128k/f32/prompt/position\n"))
    #expect(lower == upper)
  }

  @Test(
    "Every name that an option takes can be listed",
    arguments: [
      ("--models", "glm-4.5"), ("--model-types", "glm4_moe"),
      ("--mutants", "sine-negated: rotates in the wrong direction: the sine has the wrong sign"),
    ])
  func names(option: String, line: String) throws {
    let (status, text) = try Program.ropeConformance("list", option)
    #expect(status == 0 && text.split(separator: "\n").contains { $0 == line })
  }
}
