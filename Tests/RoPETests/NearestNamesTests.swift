import Testing

@testable import RoPE

@Suite struct NearestNamesTests {
  @Test(
    "Letters that are changed, added and left out",
    arguments: [
      ("glm-4.5", "glm-4.5", 0), ("GLM-4.5", "glm-4.5", 0), ("glm4.5", "glm-4.5", 1), ("glm-45", "glm-4.5", 1),
      ("glm-4.6", "glm-4.5", 1), ("", "abc", 3), ("abc", "", 3), ("kitten", "sitting", 3),
    ])
  func distance(first: String, second: String, distance: Int) {
    #expect(first.editDistance(to: second) == distance)
    #expect(second.editDistance(to: first) == distance)
  }

  @Test("The nearest names come first, and names that are far from it not at all")
  func nearest() {
    let names = ["pairing-swapped", "gpt2", "glm-4-9b-chat", "glm-4.5", "glm-4.6v"]
    #expect(names.nearest(to: "glm-45") == ["glm-4.5"])
    #expect(names.nearest(to: "glm-4") == ["glm-4-9b-chat", "glm-4.5", "glm-4.6v"])
    #expect(names.nearest(to: "pairing") == ["pairing-swapped"])
    #expect(names.nearest(to: "gpt-2") == ["gpt2"])
    #expect(names.nearest(to: "no such name").isEmpty)
    #expect(names.nearest(to: "").isEmpty)
    #expect(names.suggestion(for: "gpt-2", list: "'list'") == "; nearest: gpt2; 'list' shows all names")
    #expect(names.suggestion(for: "no such name", list: "'list'") == "; 'list' shows all names")
  }
}
