import RoPE
import Testing

@Suite struct PositionAxesTests {
  /// Axis and frequency index of each pair.
  private func pairs(_ axes: PositionAxes, dimension: Int) throws -> [[Int]] {
    let configuration = Configuration(
      headDimension: dimension, rotaryDimension: dimension, pairing: .half, base: 1e4, axes: axes)
    return try Plan(configuration).pairs.map { [$0.axis, $0.frequency.index, $0.frequency.table.dimension] }
  }

  @Test("Chunked sections share one table")
  func sections() throws {
    #expect(
      try pairs(.sections([1, 2, 1]), dimension: 8) == [[0, 0, 8], [1, 1, 8], [1, 2, 8], [2, 3, 8]])
  }

  @Test("Interleaved sections of Qwen3-VL: every third pair up to three times the section")
  func interleaved() throws {
    let axes = try pairs(.interleavedSections([24, 20, 20]), dimension: 128).map { $0[0] }
    #expect(axes[..<7] == [0, 1, 2, 0, 1, 2, 0])
    #expect(axes[56...] == [2, 0, 1, 2, 0, 0, 0, 0])
    #expect((0..<3).map { axis in axes.count { $0 == axis } } == [24, 20, 20])
  }

  @Test("Alternating sections of ERNIE-4.5-VL: height and width in turn, then time")
  func alternatingSections() throws {
    let axes = try pairs(.alternatingSections([20, 22, 22]), dimension: 128).map { $0[0] }
    #expect(axes[..<4] == [1, 2, 1, 2])
    #expect(Array(axes[42...]) == [1, 2] + Array(repeating: 0, count: 20))
  }

  @Test("Blocks begin a table anew for each axis; Pixtral splits one; Kimi alternates")
  func vision() throws {
    #expect(try pairs(.blocks([2, 4]), dimension: 6) == [[0, 0, 2], [1, 0, 4], [1, 1, 4]])
    #expect(try pairs(.evenOdd, dimension: 8) == [[0, 0, 8], [0, 2, 8], [1, 1, 8], [1, 3, 8]])
    #expect(try pairs(.alternating, dimension: 8) == [[1, 0, 4], [0, 0, 4], [1, 1, 4], [0, 1, 4]])
  }

  @Test("Slices pair channels within the slice of their axis")
  func slices() throws {
    let plan = try Plan(
      Configuration(
        headDimension: 8, rotaryDimension: 8, pairing: .half, base: 100, axes: .slices([4, 4])))
    #expect(plan.pairs.map { [$0.input.first, $0.input.second] } == [[0, 2], [1, 3], [4, 6], [5, 7]])
    #expect(plan.pairs.map(\.axis) == [0, 0, 1, 1])
    #expect(plan.axisCount == 2)
  }

  @Test(
    "Axes that do not fit are an error",
    arguments: [
      .sections([1, 2]), .sections([4]), .sections([-1, 3, 2]), .interleavedSections([2, 2]), .blocks([8]),
      .blocks([3, 5]), .slices([2, 4]), .alternatingSections([1, 1, 1]),
    ] as [PositionAxes])
  func contradictions(_ axes: PositionAxes) {
    #expect(throws: ConfigurationError.self) { try pairs(axes, dimension: 8) }
  }

  @Test("An odd number of pairs cannot be halved", arguments: [PositionAxes.evenOdd, .alternating])
  func oddPairs(_ axes: PositionAxes) {
    #expect(throws: ConfigurationError.self) { try pairs(axes, dimension: 6) }
  }
}
