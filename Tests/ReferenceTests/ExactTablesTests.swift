import Models
import Reference
import RoPE
import Testing

@Suite struct ExactTablesTests {
  private func tables(base: Double, dimension: Int, attentionFactor: Double = 1) throws -> ExactTables {
    ExactTables(
      try Plan(
        Configuration(
          headDimension: dimension, rotaryDimension: dimension, pairing: .half, base: base,
          attentionFactor: attentionFactor)))
  }

  /// The values of mpmath 1.3.0 with 80 digits, `float(mpf(base)**(mpf(-2*i)/R)).hex()`.
  @Test func frequenciesAgreeWithAnotherLibrary() throws {
    #expect(try tables(base: 1e4, dimension: 64).inverseFrequencies()[31] == 0x1.17a8e301c4436p-13)
    #expect(try tables(base: 5e6, dimension: 64).inverseFrequencies()[7] == 0x1.18897d59eaca6p-5)
    #expect(try tables(base: 5e6, dimension: 64).inverseFrequencies32()[7] == 0x1.18897ep-5)
    #expect(try tables(base: 1e6, dimension: 64).inverseFrequencies()[16] == 0x1.0624dd2f1a9fcp-10)
  }

  @Test("Frequencies that are powers of two are found exactly")
  func exactFrequencies() throws {
    #expect(try tables(base: 65536, dimension: 8).inverseFrequencies() == [1, 0x1p-4, 0x1p-8, 0x1p-12])
    #expect(try tables(base: 65536, dimension: 8).inverseFrequencies32() == [1, 0x1p-4, 0x1p-8, 0x1p-12])
  }

  @Test("A table's values are those of the exact rotation of (1, 0), rounded once", arguments: ElementType.allCases)
  func tableIsTheRotationOfOne(type: ElementType) throws {
    let plan = try Plan(
      Configuration(headDimension: 64, rotaryDimension: 64, pairing: .half, base: 1e4, attentionFactor: 1.25))
    let positions: Positions = [0, 1, -7, 4095, 131_071, 1_048_575]
    let table = ExactTables(plan).cosSin(positions: positions, type: type)
    let rotation = ExactRotation(plan: plan, angles: .positions(positions))
    let input = (0..<64).map { $0 < 32 ? 1.0 : 0.0 }
    var output = input
    for token in 0..<positions.tokenCount {
      input.withUnsafeBufferPointer { input in
        output.withUnsafeMutableBufferPointer { rotation.rotate(token: token, input: input, output: $0) }
      }
      let row = token * 32..<token * 32 + 32
      // Rounding twice differs from rounding once only if float64 hits a midpoint; none does here.
      #expect(table.cosines[row].elementsEqual(output[..<32].map { type.bits(rounding: $0) }))
      #expect(table.sines[row].elementsEqual(output[32...].map { type.bits(rounding: $0) }))
    }
  }

  @Test("Few bits at first widen until the rounding is proven, and give the same values")
  func widens() throws {
    let plan = try Plan(Configuration(headDimension: 128, rotaryDimension: 128, pairing: .half, base: 1e4))
    let narrow = ExactTables(plan, precision: 26), wide = ExactTables(plan, precision: 500)
    let positions: Positions = [1, 48_039, 1_048_575]
    #expect(narrow.cosSin(positions: positions, type: .float32) == wide.cosSin(positions: positions, type: .float32))
    #expect(narrow.inverseFrequencies() == wide.inverseFrequencies())
  }
}
