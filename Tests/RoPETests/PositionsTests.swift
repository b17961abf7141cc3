import RoPE
import Testing

@Suite struct PositionsTests {
  private let two = Positions([3, -1, 0.5, 7, 8, 9] as [Double], axisCount: 2)

  @Test("Positions are [axes, tokens]")
  func order() {
    #expect(two.tokenCount == 3 && two.axisCount == 2)
    #expect([two[0, 0], two[0, 2], two[1, 0], two[1, 2]] == [3, 0.5, 7, 9])
    #expect(two.coordinates(ofToken: 1) == [-1, 8])
    #expect(([4, 5] as Positions).axisCount == 1)
  }

  @Test("Chosen tokens come in the order asked for, with all their axes")
  func ofTokens() {
    #expect(two.ofTokens([2, 0, 2]) == Positions([0.5, 3, 0.5, 9, 7, 9] as [Double], axisCount: 2))
    #expect(two.ofTokens(0..<3) == two)
    #expect(two.ofTokens([]).tokenCount == 0 && two.ofTokens([]).axisCount == 2)
  }

  @Test("Integers are given only where every position is one")
  func integers() {
    #expect(two.integers == nil)
    #expect(Positions([3, -0.0, -7]).integers == [3, 0, -7])
    #expect(Positions([0x1p53, 0x1p63]).integers == nil)
    #expect(Positions([Int64(1) << 53, -5], axisCount: 2).integers == [1 << 53, -5])
    #expect(Positions([.nan]).integers == nil && Positions([.infinity]).integers == nil)
  }

  @Test("The range is that of all axes")
  func range() {
    #expect(two.range == -1...9 && Positions([]).range == nil)
  }

  @Test("The opposite of 0 is +0, whose angle has the sign that a kernel's has")
  func negated() {
    let negated = Positions([0, -0.0, 2.5, -3]).negated
    #expect(negated == [0, 0, -2.5, 3])
    #expect(negated.values.prefix(2).allSatisfy { $0.sign == .plus })
    #expect(two.negated.axisCount == 2 && two.negated.negated == two)
  }

  @Test(
    "A length is one more than the largest position, rounded down, and at least 1",
    arguments: [
      ([], 1), ([-5], 1), ([-0.5], 1), ([0], 1), ([0.99], 1), ([1], 2), ([4095.5, 3], 4096), ([7, 4096], 4097),
    ]
      as [(Positions, Int)])
  func length(_ positions: Positions, _ length: Int) {
    #expect(positions.length == length)
  }

  @Test func shortestText() {
    #expect(
      [5, 0.5, -0.0, -12, 0x1p53, 1e300].map(\.shortest) == ["5", "0.5", "0", "-12", "9007199254740992", "1e+300"])
  }
}
