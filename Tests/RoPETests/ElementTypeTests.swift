import RoPE
import Testing

@Suite struct ElementTypeTests {
  @Test(
    "Every finite 16-bit pattern survives the way to float64 and back", arguments: [ElementType.float16, .bfloat16])
  func roundTrip(type: ElementType) {
    var wrong: [UInt32] = []
    for bits in UInt32(0)...0xFFFF where !type.value(ofBits: bits).isNaN {
      if type.bits(rounding: type.value(ofBits: bits)) != bits { wrong.append(bits) }
    }
    #expect(wrong.isEmpty)
  }

  @Test("Float16 agrees with the standard library on all neighbours and midpoints")
  func float16AgreesWithStandardLibrary() {
    var wrong: [Double] = []
    for bits in UInt16(0)..<0x7C00 {
      let low = Double(Float16(bitPattern: bits))
      let high = bits == 0x7BFF ? 65536 : Double(Float16(bitPattern: bits + 1))
      let middle = (low + high) / 2
      for value in [low, middle.nextDown, middle, middle.nextUp, -middle] {
        let expected = UInt32(Float16(value).bitPattern)
        if ElementType.float16.bits(rounding: value) != expected { wrong.append(value) }
      }
    }
    #expect(wrong.isEmpty)
  }

  @Test("Float32 agrees with the standard library from subnormals to overflow")
  func float32AgreesWithStandardLibrary() {
    var wrong: [Double] = []
    for exponent in -160...129 {
      for step in 0..<64 {
        let value = Double(sign: .plus, exponent: exponent, significand: 1 + Double(step) * 0x1.04p-24)
        if ElementType.float32.bits(rounding: value) != Float(value).bitPattern { wrong.append(value) }
        if ElementType.float32.value(ofBits: Float(value).bitPattern) != Double(Float(value)) { wrong.append(value) }
      }
    }
    #expect(wrong.isEmpty)
  }

  @Test("NaN and infinities keep their class")
  func specialValues() {
    for type in ElementType.allCases {
      #expect(type.value(ofBits: type.bits(rounding: .nan)).isNaN)
      #expect(type.value(ofBits: type.bits(rounding: -.infinity)) == -.infinity)
      #expect(type.bits(rounding: -0.0) == 1 << UInt32(8 * type.byteCount - 1))
    }
  }

  @Test("ULP is the spacing above a power of two and constant among subnormals")
  func ulp() {
    #expect(ElementType.float32.ulp(of: 1) == 0x1p-23)
    #expect(ElementType.bfloat16.ulp(of: 1.5) == 0x1p-7)
    #expect(ElementType.float16.ulp(of: 0) == 0x1p-24)
    #expect(ElementType.float16.ulp(of: 0x1p-20) == 0x1p-24)
    #expect(ElementType.float16.ulp(of: 1e9) == 32)
  }
}
