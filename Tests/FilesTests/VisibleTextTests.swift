import Testing

@testable import Files

@Suite struct VisibleTextTests {
  @Test(
    "Characters that deceive are written out",
    arguments: [
      ("\u{1B}[2J", "\\u{1B}[2J"), ("a\nconforms", "a\\u{A}conforms"), ("\r", "\\u{D}"),
      ("\u{202E}abc", "\\u{202E}abc"),
      ("\u{2028}", "\\u{2028}"), ("\u{9B}31m", "\\u{9B}31m"), ("\u{7F}", "\\u{7F}"), ("\u{FEFF}x", "\\u{FEFF}x"),
      ("\u{200B}", "\\u{200B}"), ("\0", "\\u{0}"),
    ])
  func hidden(text: String, shown: String) {
    #expect(text.visible == shown)
  }

  @Test("All others stay", arguments: ["", "plain", "Grüße, 世界 ½ × 2⁻²⁴ ✗", "a\u{301}"])
  func shown(text: String) {
    #expect(text.visible == text)
    #expect(text.visibleLines == text)
  }

  @Test("In lines, line feeds and tabs stay")
  func lines() {
    #expect("a\n\tb\u{1B}\r".visibleLines == "a\n\tb\\u{1B}\\u{D}")
  }
}
