import RoPE
import Testing

@testable import Devices

@Suite struct PhaseStepsTests {
  private func steps(base: Double, dimension: Int) throws -> [UInt64] {
    let configuration = Configuration(
      headDimension: dimension, rotaryDimension: dimension, pairing: .half, base: base)
    let plan = try Plan(configuration)
    return plan.phaseSteps
  }

  @Test("Pairs 0, 1, the middle and the last, to the last bit")
  func knownSteps() throws {
    // from mpmath import *; mp.prec = 400
    // int(floor(mpf(base)**(-mpf(2*i)/d) * mpf(2)**64 / (2*pi) + 0.5)) for i in (0, 1, d//4, d//2 - 1)
    let known: [(Double, Int, [UInt64])] = [
      (1e4, 64, [2_935_890_503_282_001_226, 2_201_607_287_645_322_120, 29_358_905_032_820_012, 391_507_290_861_132]),
      (1e4, 128, [2_935_890_503_282_001_226, 2_542_376_433_133_839_919, 29_358_905_032_820_012, 339_031_346_221_092]),
      (1e4, 32, [2_935_890_503_282_001_226, 1_650_972_556_229_361_476, 29_358_905_032_820_012, 522_083_363_211_519]),
      (5e6, 64, [2_935_890_503_282_001_226, 1_812_996_816_486_600_565, 1_312_970_147_966_925, 950_851_426_641]),
      (5e6, 128, [2_935_890_503_282_001_226, 2_307_110_776_708_286_227, 1_312_970_147_966_925, 747_207_557_979]),
      (5e6, 32, [2_935_890_503_282_001_226, 1_119_577_672_571_948_141, 1_312_970_147_966_925, 1_539_768_657_133]),
      (1e6, 64, [2_935_890_503_282_001_226, 1_906_513_365_150_370_137, 2_935_890_503_282_001, 4_521_055_663_610]),
      (1e6, 128, [2_935_890_503_282_001_226, 2_365_864_426_192_925_781, 2_935_890_503_282_001, 3_643_257_386_955]),
      (1e6, 32, [2_935_890_503_282_001_226, 1_238_054_759_683_200_494, 2_935_890_503_282_001, 6_962_093_542_185]),
      (
        10000.5, 64,
        [2_935_890_503_282_001_226, 2_201_603_847_722_619_965, 29_358_171_087_717_018, 391_488_328_160_051]
      ),
      (
        10000.5, 128,
        [2_935_890_503_282_001_226, 2_542_374_446_952_681_500, 29_358_171_087_717_018, 339_014_660_349_796]
      ),
      (
        10000.5, 32,
        [2_935_890_503_282_001_226, 1_650_967_397_077_162_169, 29_358_171_087_717_018, 522_058_891_739_205]
      ),
    ]
    for (base, dimension, expected) in known {
      let found = try steps(base: base, dimension: dimension)
      #expect([0, 1, dimension / 4, dimension / 2 - 1].map { found[$0] } == expected, "\(base), \(dimension)")
    }
  }

  @Test("Frequencies above one turn per position wrap")
  func wraps() throws {
    // int(floor(mpf(base)**(-mpf(2*i)/d) * mpf(2)**64 / (2*pi) + 0.5)) % 2**64 for base = mpf(1)/1024 and 2**-24
    let known: [(Double, [UInt64])] = [
      (0x1p-10, [3_645_958_556_893_105_983, 1_714_775_736_476_281_168, 4_326_841_197_062_984_799]),
      (0x1p-24, [4_937_559_599_574_517_366, 16_577_109_458_158_921_713, 12_151_947_157_229_149_478]),
    ]
    for (base, expected) in known {
      let found = try steps(base: base, dimension: 64)
      #expect([1, 16, 31].map { found[$0] } == expected)
    }
  }

  @Test("A base of 1 turns every pair alike; the largest base leaves all but the first at rest")
  func extremes() throws {
    #expect(Set(try steps(base: 1, dimension: 64)) == [2_935_890_503_282_001_226])
    let steps = try steps(base: .greatestFiniteMagnitude, dimension: 4)
    #expect(steps == [2_935_890_503_282_001_226, 0])
  }

  @Test("Logarithm and exponential to 100 bits")
  func doubleDouble() {
    // v = log(mpf(x)) or exp(mpf(x)); h = float(v); float(v - h)
    let known: [(DoubleDouble, Double, Double)] = [
      (.log(10000), 9.210340371976184, -8.683024893528997e-16),
      (.log(10000.5), 9.210390370726225, -7.276295136812037e-16),
      (.log(0.625), -0.4700036292457356, 2.3229412495470032e-17),
      (.log(3), 1.0986122886681098, -9.07129723500153e-17),
      (.exp(DoubleDouble(-1)), 0.36787944117144233, -1.2428753672788363e-17),
      (.exp(DoubleDouble(-9)), 0.00012340980408667956, -1.1716659184174644e-20),
      (.exp(DoubleDouble(-40.5)), 2.576757109154981e-18, -9.514389375594685e-35),
      (.exp(DoubleDouble(16.25)), 11409991.763828445, -6.952448772907863e-10),
      (.exp(DoubleDouble(0.25)), 1.2840254166877414, 8.968972781793724e-17),
    ]
    for (value, high, low) in known {
      #expect(value.high == high)
      #expect(abs(value.low - low) <= abs(high) * 0x1p-100)
    }
  }

  @Test("Rounds on both sides of an integer, wraps upwards and below zero")
  func rounding() {
    #expect(DoubleDouble(3, -0.25).roundedModulo64() == 3)
    #expect(DoubleDouble(3.5, 0x1p-60).roundedModulo64() == 4)
    #expect(DoubleDouble(0x1p60, -0.75).roundedModulo64() == 1 << 60 - 1)
    #expect(DoubleDouble(0x1p64, -1).roundedModulo64() == .max)
    #expect(DoubleDouble(0x1p80, 0x1p20).roundedModulo64() == 1 << 20)
    #expect(DoubleDouble(-1).roundedModulo64() == .max)
    #expect(DoubleDouble(0).roundedModulo64() == 0)
  }

  @Test("Whole turns and the step together are 2^64 · f/2π, to the last bit")
  func wholeTurns() {
    // From 80 digits of π: divmod(floor(f · 2^64 / 2π + 1/2), 2^64)
    let known: [(Double, Int64, UInt64)] = [
      (0x1p24, 2_670_176, 15_822_149_367_793_387_990), (-0x1p24, -2_670_177, 2_624_594_705_916_163_626),
      (7, 1, 2_104_489_449_264_456_969), (1, 0, 2_935_890_503_282_001_226),
      (-0.25, -1, 17_712_771_447_889_051_309), (-100.5, -16, 90_909_599_511_702_593), (0, 0, 0),
    ]
    for (frequency, turns, step) in known {
      #expect(DoubleDouble(frequency).wholeTurns == turns && DoubleDouble(frequency).phaseStep == step, "\(frequency)")
    }
  }

  @Test("A position is the integer below it and 2^-64ths, also where it is negative")
  func fixedPoint() {
    let known: [(Double, Int64, UInt64)] = [
      (0.5, 0, 1 << 63), (-0.25, -1, 3 << 62), (-3, -3, 0), (3, 3, 0), (131_071.75, 131_071, 3 << 62),
      (0x1p-60, 0, 16), (-0x1p-60, -1, 0 &- 16), (0x1p-70, 0, 0), (-0x1p-70, 0, 0),
      (-2_147_483_646.5, -2_147_483_647, 1 << 63),
    ]
    for (position, whole, fraction) in known {
      #expect(position.fixedPoint == (whole, fraction), "\(position)")
    }
  }
}
