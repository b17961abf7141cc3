import Testing

@testable import Devices
@testable import RoPE

@Suite struct RotarySliceTests {
  @Test("Finds the slice behind every configuration's pairs")
  func findsSlices() throws {
    for input in Pairing.allCases {
      for output in Pairing.allCases {
        let slice = try #require(RotarySlice(pairs: Plan(.grouped(input, output: output)).pairs))
        #expect(slice.offset == 16)
        #expect(slice.dimension == 32)
        #expect(slice.inputPairing == input)
        #expect(slice.outputPairing == output)
      }
    }
    #expect(RotarySlice(pairs: [])?.dimension == 0)
  }

  @Test("Pairs that lie otherwise are no slice")
  func otherPairs() {
    func isSlice(_ channels: ((Int, Int), (Int, Int))...) -> Bool {
      RotarySlice(
        pairs: channels.map { input, output in
          Plan.Pair(
            input: .init(first: input.0, second: input.1), output: .init(first: output.0, second: output.1), axis: 1,
            frequency: Frequency(table: FrequencyTable(base: 1e4, dimension: 4, adjustment: .none), index: 0))
        }) != nil
    }
    #expect(isSlice(((4, 6), (4, 5)), ((5, 7), (6, 7))))
    #expect(!isSlice(((4, 6), (4, 6)), ((5, 8), (5, 8))))
    #expect(!isSlice(((2, 3), (2, 3)), ((0, 1), (0, 1))))
    #expect(!isSlice(((0, 1), (2, 3)), ((2, 3), (0, 1))))
    #expect(!isSlice(((1, 0), (1, 0))))
  }
}
