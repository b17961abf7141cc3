import Testing

@testable import Devices
@testable import RoPE

/// Steps of adjusted frequencies against mpmath, to the last bit.
///
///     from mpmath import *; mp.dps = 60
///     def d(b, i, R): return mpf(b)**(-mpf(2*i)/R)
///     def step(f): return int(floor(f*mpf(2)**64/(2*pi) + mpf(1)/2))
@Suite struct AdjustedPhaseStepsTests {
  private func expect(
    _ table: FrequencyTable, _ steps: [Int: UInt64], sourceLocation: SourceLocation = #_sourceLocation
  ) {
    for (index, step) in steps {
      #expect(table.phaseStep(ofPair: index) == step, "pair \(index)", sourceLocation: sourceLocation)
    }
  }

  @Test("Linear, NTK, dynamic NTK and proportional")
  func simple() {
    // step(d(1e4, i, 128)/8)
    expect(
      FrequencyTable(base: 1e4, dimension: 128, adjustment: .divided(by: 8)),
      [
        0: 366_986_312_910_250_153, 1: 317_797_054_141_729_990, 32: 3_669_863_129_102_502,
        63: 42_378_918_277_637,
      ])
    // step(d(1e4*mpf(1000)**(mpf(128)/126), i, 128))
    expect(
      FrequencyTable(base: 1e4, dimension: 128, adjustment: .ntk(alpha: 1000)),
      [
        0: 2_935_890_503_282_001_226, 1: 2_278_351_916_690_108_959, 32: 878_881_515_041_051,
        63: 339_031_346_221,
      ])
    // step(d(1e4*(mpf(2)*8192/4096 - 1)**(mpf(128)/126), i, 128))
    expect(
      FrequencyTable(base: 1e4, dimension: 128, adjustment: .dynamic(factor: 2, length: 8192, maximum: 4096)),
      [
        0: 2_935_890_503_282_001_226, 1: 2_498_426_058_295_873_296, 32: 16_803_221_417_116_291,
        63: 113_010_448_740_364,
      ])
    // step(d(1e6, i, 512)) if i < 64 else 0
    expect(
      FrequencyTable(base: 1e6, dimension: 512, adjustment: .proportional(rotating: 64, factor: 1)),
      [
        0: 2_935_890_503_282_001_226, 1: 2_781_649_167_177_699_357, 63: 97_989_006_434_914_885, 64: 0, 255: 0,
      ])
  }

  @Test("LongRoPE, the lists of Phi-3-mini")
  func longrope() {
    let long = [
      1.0700000524520874, 1.1200000047683716, 1.149999976158142, 1.4199999570846558, 1.5699999332427979,
      1.7999999523162842, 2.129999876022339, 2.129999876022339, 3.009999990463257, 5.910000324249268,
      6.950000286102295, 9.070000648498535, 9.930000305175781, 10.710000038146973, 11.130000114440918,
      14.609999656677246, 15.409998893737793, 19.809999465942383, 37.279998779296875, 38.279998779296875,
      38.599998474121094, 40.12000274658203, 46.20000457763672, 50.940006256103516, 53.66000747680664,
      54.9373893737793, 56.89738845825195, 57.28738784790039, 59.98738479614258, 60.86738586425781,
      60.887386322021484, 61.71739196777344, 62.91739273071289, 62.957393646240234, 63.41739273071289,
      63.8173942565918, 63.83739471435547, 63.897396087646484, 63.93739700317383, 64.06739807128906,
      64.11434936523438, 64.12435150146484, 64.15435028076172, 64.19435119628906, 64.24435424804688,
      64.57435607910156, 64.69000244140625, 64.76000213623047,
    ]
    let short = [
      1.1, 1.1, 1.1, 1.3, 1.35, 1.35, 1.4, 1.55, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0,
      2.0, 2.0, 2.0, 2.0, 2.05, 2.05, 2.05, 2.05, 2.05, 2.05, 2.1, 2.1, 2.15, 2.25, 2.25, 2.25, 2.25, 2.25, 2.4,
      2.45, 2.5, 2.7, 2.7, 2.75, 2.8, 2.9, 3.05,
    ]
    // step(d(1e4, i, 96)/mpf(long[i]))
    expect(
      FrequencyTable(base: 1e4, dimension: 96, adjustment: .dividedEach(by: long)),
      [
        0: 2_743_822_765_759_597_851, 1: 2_163_657_409_446_848_477, 23: 698_255_223_909_591,
        47: 5_492_452_795_089,
      ])
    // step(d(1e4, i, 96)/mpf(short[i]))
    expect(
      FrequencyTable(base: 1e4, dimension: 96, adjustment: .dividedEach(by: short)),
      [
        0: 2_668_991_366_620_000_899, 1: 2_202_996_644_452_356_911, 23: 17_784_562_737_155_756,
        47: 116_620_083_522_333,
      ])
  }

  /// Both sides of the ramp, its ends and its inside.
  ///
  ///     def yarn(b, R, s, orig, fast, slow, trunc):
  ///       c = lambda t: R*log(orig/(2*pi*t))/(2*log(b))
  ///       lo, hi = (floor(c(fast)), ceil(c(slow))) if trunc else (c(fast), c(slow))
  ///       lo, hi = max(lo, 0), min(hi, R - 1)
  ///       if lo == hi: hi += mpf(1)/1000
  ///       r = lambda i: min(max((i - lo)/(hi - lo), 0), 1)
  ///       return lambda i: d(b, i, R)/s*r(i) + d(b, i, R)*(1 - r(i))
  @Test("YaRN: Qwen2.5, DeepSeek, Kimi-K2, gpt-oss, and a ramp without length")
  func yarn() {
    func table(
      _ base: Double, _ dimension: Int, _ factor: Double, _ original: Int, _ fast: Double, _ slow: Double,
      truncate: Bool = true
    ) -> FrequencyTable {
      var yarn = FrequencyScaling.YaRN(factor: factor, originalMaxPositionEmbeddings: original)
      (yarn.betaFast, yarn.betaSlow, yarn.truncate) = (fast, slow, truncate)
      return FrequencyTable(base: base, dimension: dimension, adjustment: .yarn(yarn))
    }
    // step(yarn(1e6, 128, 4, 32768, 32, 1, True)(i))
    expect(
      table(1e6, 128, 4, 32_768, 32, 1),
      [
        0: 2_935_890_503_282_001_226, 1: 2_365_864_426_192_925_781, 23: 20_487_541_869_898_062,
        24: 15_781_355_316_898_308, 32: 1_770_169_274_037_677, 39: 190_550_870_491_009, 40: 130_520_840_802_880,
        63: 910_814_346_739,
      ])
    // step(yarn(1e4, 64, 40, 4096, 32, 1, True)(i))
    expect(
      table(1e4, 64, 40, 4_096, 32, 1),
      [
        0: 2_935_890_503_282_001_226, 1: 2_201_607_287_645_322_120, 10: 165_097_255_622_936_148,
        11: 114_520_065_270_696_046, 17: 10_457_634_616_315_280, 22: 522_083_363_211_519,
        23: 97_876_822_715_283, 31: 9_787_682_271_528,
      ])
    // step(yarn(5e4, 64, 32, 4096, 1, 1, True)(i))
    expect(
      table(5e4, 64, 32, 4_096, 1, 1),
      [
        0: 2_935_890_503_282_001_226, 1: 2_093_616_061_978_065_995, 18: 6_676_813_211_267_258,
        19: 4_761_309_512_841_115, 20: 106_104_456_009_488, 21: 75_664_263_738_917, 31: 2_573_135_663_398,
      ])
    // step(yarn(1.5e5, 64, 32, 4096, 32, 1, False)(i))
    expect(
      table(1.5e5, 64, 32, 4_096, 32, 1, truncate: false),
      [
        0: 2_935_890_503_282_001_226, 1: 2_022_958_633_997_596_875, 8: 149_182_210_971_371_824,
        9: 93_084_452_328_498_730, 13: 11_333_592_258_600_378, 17: 379_665_546_882_142, 18: 112_470_478_440_115,
        31: 887_669_848_838,
      ])
    // The ends meet at 9.9995: step(yarn(1e4, 64, 32, 4096, 36.66423092632554, 36.66423092632554, False)(i))
    expect(
      table(1e4, 64, 32, 4_096, 36.66423092632554, 36.66423092632554, truncate: false),
      [
        0: 2_935_890_503_282_001_226, 9: 220_160_728_764_532_212, 10: 85_128_272_430_575_417,
        11: 3_868_921_124_010_002, 31: 12_234_602_839_410,
      ])
  }

  /// Waves of all three kinds.
  ///
  ///     def llama3(b, R, s, low, high, orig):
  ///       def f(i):
  ///         t = orig*d(b, i, R)/(2*pi)
  ///         q = 0 if t < low else 1 if t > high else (t - low)/(mpf(high) - low)
  ///         return (1 - q)*d(b, i, R)/s + q*d(b, i, R)
  ///       return f
  @Test("Llama-3.1 and Llama-4")
  func llama3() {
    func table(_ factor: Double, _ low: Double, _ high: Double) -> FrequencyTable {
      let llama3 = FrequencyScaling.Llama3(
        factor: factor, lowFreqFactor: low, highFreqFactor: high, originalMaxPositionEmbeddings: 8192)
      return FrequencyTable(base: 5e5, dimension: 128, adjustment: .llama3(llama3))
    }
    // step(llama3(5e5, 128, 8, 1, 4, 8192)(i))
    expect(
      table(8, 1, 4),
      [
        0: 2_935_890_503_282_001_226, 1: 2_391_627_000_689_282_720, 28: 9_428_453_797_797_152,
        29: 6_360_814_529_257_945, 32: 1_540_890_859_743_232, 35: 280_559_930_973_511, 36: 228_548_954_900_624,
        63: 901_003_066_613,
      ])
    // step(llama3(5e5, 128, 16, 1, 1, 8192)(i))
    expect(
      table(16, 1, 1),
      [
        0: 2_935_890_503_282_001_226, 1: 2_391_627_000_689_282_720, 34: 2_755_256_523_560_537,
        35: 140_279_965_486_755, 36: 114_274_477_450_312, 63: 450_501_533_306,
      ])
  }

  @Test("Values, of either sign and above one turn")
  func values() {
    // int(floor(mpf(v)*mpf(2)**64/(2*pi) + mpf(1)/2)) % 2**64
    let table = FrequencyTable(base: 0, dimension: 8, adjustment: .values([0.3, -0.3, 0, 1e7]))
    expect(
      table,
      [
        0: 880_767_150_984_600_335, 1: 17_565_976_922_724_951_281, 2: 0, 3: 7_949_051_649_100_069_254,
      ])
  }

  @Test("Normalised coordinates, of which one turn per position is a step of 0")
  func normalized() {
    // step(2*pi/e*d(b, i, R)) % 2**64
    func table(_ extent: Int, _ base: Double, _ dimension: Int) -> FrequencyTable {
      FrequencyTable(base: base, dimension: dimension, adjustment: .normalized(extent: extent))
    }
    expect(
      table(14, 100, 32),
      [
        0: 1_317_624_576_693_539_401, 1: 988_079_040_136_613_533, 8: 131_762_457_669_353_940,
        15: 17_570_806_125_659_622,
      ])
    expect(
      table(1, 100, 32),
      [0: 0, 1: 13_833_106_561_912_589_467, 8: 1_844_674_407_370_955_162, 15: 245_991_285_759_234_713])
    expect(
      table(37, 1e4, 64),
      [0: 498_560_650_640_798_692, 1: 373_867_744_916_556_472, 16: 4_985_606_506_407_987, 31: 66_484_131_286_280])
  }

  @Test("Quotients, logarithms and floors of double-double numbers")
  func doubleDouble() {
    // v = mpf(a)/b or log(x); h = float(v); float(v - h), for a = 1 + mpf(2)**-60 and so on
    let third = DoubleDouble(1, 0x1p-60) / DoubleDouble(3, -0x1p-55)
    #expect(third.high == 0.3333333333333333)
    #expect(abs(third.low - 2.18767905025964e-17) <= 0x1p-103)
    let logarithm = DoubleDouble.log(DoubleDouble(10, 0x1p-51))
    #expect(logarithm.high == 2.302585092994046)
    #expect(abs(logarithm.low - -1.7266670135321868e-16) <= 0x1p-99)
    for value in [0, -1, .infinity, .nan, .leastNonzeroMagnitude] { #expect(DoubleDouble.log(value).high.isNaN) }
    #expect(DoubleDouble(3, -0x1p-60).roundedDown == DoubleDouble(2))
    #expect(DoubleDouble(3, 0x1p-60).roundedDown == DoubleDouble(3))
    #expect(DoubleDouble(3.5, -0x1p-60).roundedDown == DoubleDouble(3))
    #expect(DoubleDouble(-3.5, 0x1p-60).roundedDown == DoubleDouble(-4))
    #expect(DoubleDouble(0x1p60, -0.5).roundedDown == DoubleDouble(0x1p60, -1))
  }

  @Test("Attention factors")
  func attentionFactors() {
    let known: [(AttentionFactor, Double)] = [
      // 1 + log(mpf(4))/10; 1 + log(mpf(32))/10; (1 + mpf(.707)*log(40)/10)/(1 + log(mpf(40))/10)
      (.mscale(1, factor: 4, mscaleAllDim: nil), 1.1386294361119891),
      (.mscale(1, factor: 32, mscaleAllDim: nil), 1.3465735902799727),
      (.mscale(0.707, factor: 40, mscaleAllDim: 1), 0.92104235531633988),
      // sqrt(1 + log(mpf(32))/log(4096))
      (.longrope(factor: 32, originalMaxPositionEmbeddings: 4096), 1.1902380714238083),
      (.mscale(0.707, factor: 40, mscaleAllDim: 0.707), 1),
      (.mscale(1, factor: 1, mscaleAllDim: nil), 1),
      (.longrope(factor: 1, originalMaxPositionEmbeddings: 4096), 1),
      (.value(1.25), 1.25),
    ]
    for (factor, expected) in known {
      #expect(abs(factor.value - expected) <= 0x1p-48)
      if factor.isOne { #expect(factor.value == 1) }
    }
  }
}
