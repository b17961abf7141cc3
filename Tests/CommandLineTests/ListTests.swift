import Testing

@Suite("list") struct ListTests {
  @Test("A bug is found in either case of its letter")
  func flag() throws {
    let upper = try Program.run("list", "--flag", "B48"), lower = try Program.run("list", "--flag", "b48")
    #expect(upper.status == 0 && upper.text.contains("phi-3-mini-128k/f32/prompt/position\n"))
    #expect(lower == upper)
  }
}
